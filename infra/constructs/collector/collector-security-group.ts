/** The security group of the collectors: out to AWS and to what they scrape, in for nobody. */
import { type ISecurityGroup, type IVpc, Peer, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import { PORT_RANGES, type PortRange } from '../../props/ports.ts';
import { misshapen, refuse } from '../../props/problems.ts';

export interface CollectorSecurityGroupProps {
  readonly vpc: IVpc;
}

export class CollectorSecurityGroup extends SecurityGroup {
  constructor(scope: Construct, id: string, { vpc }: CollectorSecurityGroupProps) {
    super(scope, id, { vpc, allowAllOutbound: false, description: 'Collectors: out to AWS and to scrape targets' });
    this.addEgressRule(Peer.anyIpv4(), Port.HTTPS, 'AWS: remote write, SQS, SSM, images, logs');
  }

  /**
   * Lets the collectors scrape the members of a group on these ports, and says so on both sides.
   *
   * @throws PropsError when a range is not one of ports from 1 to 65535
   */
  scrape(targets: ISecurityGroup, ports: readonly PortRange[]): void {
    refuse(this, misshapen({ ports }, { ports: PORT_RANGES }));
    for (const { from, to } of ports) {
      const port = Port.tcpRange(from, to);
      this.connections.allowTo(targets, port, 'scraping');
    }
  }

  /**
   * Lets the collectors go out on these ports to wherever; whoever is scraped has to let them in.
   *
   * @throws PropsError when a range is not one of ports from 1 to 65535
   */
  scrapeAnywhere(ports: readonly PortRange[]): void {
    refuse(this, misshapen({ ports }, { ports: PORT_RANGES }));
    for (const { from, to } of ports) this.addEgressRule(Peer.anyIpv4(), Port.tcpRange(from, to), 'scraping');
  }
}
