import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, X509Certificate } from 'node:crypto';

/** A key and a certificate over it, PEM. */
export interface Pair {
  readonly key: string;
  readonly cert: string;
}

const tlv = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts);
  const size = body.length;
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
};
const sequence = (...parts: readonly Uint8Array[]) => tlv(0x30, ...parts);
const hex = (text: string) => Buffer.from(text, 'hex');
const oid = (bytes: string) => tlv(0x06, hex(bytes));
const name = (common: string) => sequence(tlv(0x31, sequence(oid('550403'), tlv(0x0c, Buffer.from(common)))));
const time = (text: string) => tlv(0x18, Buffer.from(text));
const extension = (id: string, value: Uint8Array) => sequence(oid(id), tlv(0x04, value));
const ECDSA_SHA256 = sequence(oid('2a8648ce3d040302'));

/** A certificate for 127.0.0.1 that is its own authority, or that `issuer` signs. */
export function certificate(common: string, issuer?: Pair): Pair {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signer = issuer === undefined ? privateKey : createPrivateKey(issuer.key);
  const from = issuer === undefined ? common : new X509Certificate(issuer.cert).subject.replace('CN=', '');
  const body = sequence(
    tlv(0xa0, tlv(0x02, hex('02'))),
    tlv(0x02, hex('0a1b2c3d')),
    ECDSA_SHA256,
    name(from),
    sequence(time('20200101000000Z'), time('21200101000000Z')),
    name(common),
    createPublicKey(publicKey.export({ type: 'spki', format: 'pem' })).export({ type: 'spki', format: 'der' }),
    tlv(
      0xa3,
      sequence(
        extension('551d13', sequence(...(issuer === undefined ? [tlv(0x01, hex('ff'))] : []))),
        extension('551d11', sequence(tlv(0x87, Buffer.from([127, 0, 0, 1])))),
      ),
    ),
  );
  const signature = sign('sha256', body, signer);
  const der = sequence(body, ECDSA_SHA256, tlv(0x03, hex('00'), signature));
  const lines = der.toString('base64').replace(/.{64}/g, '$&\n');
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
  };
}
