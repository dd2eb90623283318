import { generateKeyPairSync, sign } from 'node:crypto';

/** A DER element: tag, length, contents. */
function der(tag: number, ...parts: Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const long = body.length > 0xff ? [0x82, body.length >> 8, body.length & 0xff] : [0x81, body.length];
  return Buffer.concat([Buffer.from([tag, ...(body.length < 0x80 ? [body.length] : long)]), body]);
}

const [INTEGER, BITS, OCTETS, OID, UTF8, TIME, SEQUENCE, SET] = [2, 3, 4, 6, 12, 23, 0x30, 0x31];
const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');

/** A self-signed certificate for 127.0.0.1 (RFC 5280, Ed25519 by RFC 8410), made for one test. */
export function selfSigned(): { readonly cert: string; readonly key: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const algorithm = der(SEQUENCE, der(OID, bytes('2b6570')));
  const name = der(SEQUENCE, der(SET, der(SEQUENCE, der(OID, bytes('550403')), der(UTF8, Buffer.from('test')))));
  const validity = der(SEQUENCE, der(TIME, Buffer.from('200101000000Z')), der(TIME, Buffer.from('491231235959Z')));
  const address = der(SEQUENCE, der(OID, bytes('551d11')), der(OCTETS, der(SEQUENCE, der(0x87, bytes('7f000001')))));
  const signed = der(
    SEQUENCE,
    der(0xa0, der(INTEGER, bytes('02'))),
    der(INTEGER, bytes('01')),
    ...[algorithm, name, validity, name],
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(SEQUENCE, address)),
  );
  const whole = der(SEQUENCE, signed, algorithm, der(BITS, bytes('00'), sign(null, signed, privateKey)));
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${whole.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}
