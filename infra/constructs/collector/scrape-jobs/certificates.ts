/** Certificates in PEM, read when the app is synthesised: the collector's container has no file of the user. */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----/gs;

/** Not certificates; the message completes the sentence `ca …`. */
export class BadCertificate extends Error {
  override readonly name = 'BadCertificate';
}

/**
 * The certificates of a PEM text and nothing else of it, such as the words that openssl writes above them.
 *
 * @throws BadCertificate
 */
export function certificatesIn(text: string): string {
  if (text.includes('PRIVATE KEY-----')) {
    throw new BadCertificate(
      'holds a private key, which everybody could read in the template: give certificates alone',
    );
  }
  const found = text.match(CERTIFICATE) ?? [];
  if (found.length === 0) throw new BadCertificate('must be certificates in PEM (-----BEGIN CERTIFICATE-----)');
  return found.map(certificate).join('');
}

function certificate(pem: string): string {
  try {
    return new X509Certificate(pem).toString();
  } catch (cause) {
    throw new BadCertificate('holds a certificate that cannot be read: is it complete?', { cause });
  }
}

/** @param folder what a relative path starts from. @throws BadCertificate */
export function certificatesOf(path: string, folder: string): string {
  let text: string;
  try {
    text = readFileSync(resolve(folder, path), 'utf8');
  } catch (cause) {
    throw new BadCertificate(`cannot be read: there is no file ${resolve(folder, path)}, or not for you`, { cause });
  }
  return certificatesIn(text);
}
