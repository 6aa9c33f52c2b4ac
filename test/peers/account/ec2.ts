/** EC2, as far as Prometheus asks for the public addresses of network interfaces. */
import { type Answer, refusal, xml } from './request.ts';

const ID = /^NetworkInterfaceId\.\d+$/;

/** Every interface exists, and none has a public address. */
export const answerOfEc2 = (call: string, input: Readonly<Record<string, unknown>>): Answer => {
  if (call !== 'DescribeNetworkInterfaces') return refusal('ec2', 'InvalidAction', `${call} is not known here.`);
  const items = Object.entries(input)
    .filter(([name]) => ID.test(name))
    .map(([, id]) => `<item><networkInterfaceId>${id}</networkInterfaceId><status>in-use</status></item>`);
  return xml(
    `<DescribeNetworkInterfacesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>local</requestId><networkInterfaceSet>${items.join('')}</networkInterfaceSet></DescribeNetworkInterfacesResponse>`,
  );
};
