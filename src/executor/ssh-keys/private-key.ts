import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject, sign } from 'node:crypto'
import { mpint, string, WireReader } from './wire.ts'

/** A key that can sign for somebody. */
export interface SigningKey {
  /** The public key as servers know it (RFC 4253, 6.6). */
  readonly blob: Buffer
  /** `flags` are those of an agent's SIGN_REQUEST. */
  readonly sign: (data: Uint8Array, flags: number) => Buffer
}

const MAGIC = 'openssh-key-v1\0'
/** SSH_AGENT_RSA_SHA2_256 and 512 (RFC 8332 by way of draft-miller-ssh-agent). */
const RSA_SHA256 = 2
const RSA_SHA512 = 4

const CURVES: Readonly<
  Record<string, { readonly name: string; readonly bytes: number; readonly hash: string }>
> = {
  'P-256': { name: 'nistp256', bytes: 32, hash: 'sha256' },
  'P-384': { name: 'nistp384', bytes: 48, hash: 'sha384' },
  'P-521': { name: 'nistp521', bytes: 66, hash: 'sha512' },
}

/** Why a file is no key that can be used. */
export class KeyProblem extends Error {}

/** Reads a private key of OpenSSH's own form or PEM. Raises KeyProblem for one that is no key, is of another kind, or has a passphrase. */
export function readPrivateKey(text: string): SigningKey {
  try {
    const openssh = /-----BEGIN OPENSSH PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END/.exec(text)?.[1]
    if (openssh !== undefined)
      return signingKey(createPrivateKey({ key: readOpenSsh(Buffer.from(openssh, 'base64')), format: 'jwk' }))
    if (/^Proc-Type: 4,ENCRYPTED|BEGIN ENCRYPTED PRIVATE KEY/m.test(text)) throw locked()
    return signingKey(createPrivateKey(text))
  } catch (error) {
    if (error instanceof KeyProblem) throw error
    throw new KeyProblem('it is no private key that can be read')
  }
}

/** PROTOCOL.key of OpenSSH. */
function readOpenSsh(bytes: Buffer): JsonWebKey {
  if (!bytes.subarray(0, MAGIC.length).equals(Buffer.from(MAGIC)))
    throw new KeyProblem('it is no private key')
  const reader = new WireReader(bytes.subarray(MAGIC.length))
  const cipher = reader.text()
  for (const _ of ['name of the derivation', 'its options']) reader.string()
  if (cipher !== 'none') throw locked()
  if (reader.uint32() !== 1) throw new KeyProblem('it has not one key')
  reader.string()
  const secret = new WireReader(reader.string())
  const [check, again] = [secret.uint32(), secret.uint32()]
  if (check !== again) throw new KeyProblem('its private part is broken')
  return privatePart(secret)
}

function privatePart(secret: WireReader): JsonWebKey {
  const type = secret.text()
  if (type === 'ssh-ed25519') {
    const [x, d] = [secret.string(), secret.string().subarray(0, 32)]
    return { kty: 'OKP', crv: 'Ed25519', x: url(x), d: url(d) }
  }
  if (type === 'ssh-rsa') {
    const [n, e, d, qi, p, q] = [0, 1, 2, 3, 4, 5].map(() => numberOf(secret.string()))
    if (n === undefined || e === undefined || d === undefined) throw new KeyProblem('it is no key')
    if (qi === undefined || p === undefined || q === undefined) throw new KeyProblem('it is no key')
    const parts = { n, e, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi }
    return {
      kty: 'RSA',
      ...Object.fromEntries(Object.entries(parts).map(([name, value]) => [name, url(bytesOf(value))])),
    }
  }
  const curve = Object.entries(CURVES).find(([, { name }]) => type === `ecdsa-sha2-${name}`)
  if (curve === undefined) throw new KeyProblem(`it is of the kind "${type}"`)
  const [crv, { bytes }] = curve
  secret.string()
  const point = secret.string()
  const d = bytesOf(numberOf(secret.string()), bytes)
  return {
    kty: 'EC',
    crv,
    x: url(point.subarray(1, 1 + bytes)),
    y: url(point.subarray(1 + bytes)),
    d: url(d),
  }
}

function signingKey(key: KeyObject): SigningKey {
  const { kty, crv = '', n = '', e = '', x = '', y = '' } = createPublicKey(key).export({ format: 'jwk' })
  const from = (text: string): Buffer => Buffer.from(text, 'base64url')
  if (kty === 'OKP' && crv === 'Ed25519') {
    const type = 'ssh-ed25519'
    return {
      blob: Buffer.concat([string(type), string(from(x))]),
      sign: data => Buffer.concat([string(type), string(sign(null, data, key))]),
    }
  }
  if (kty === 'RSA')
    return {
      blob: Buffer.concat([string('ssh-rsa'), mpint(from(e)), mpint(from(n))]),
      sign: (data, flags) => {
        const [type, hash] = rsaOf(flags)
        return Buffer.concat([string(type), string(sign(hash, data, key))])
      },
    }
  const curve = CURVES[crv]
  if (kty !== 'EC' || curve === undefined) throw new KeyProblem('it is of a kind that is not known')
  const type = `ecdsa-sha2-${curve.name}`
  const point = Buffer.concat([Buffer.of(4), from(x), from(y)])
  return {
    blob: Buffer.concat([string(type), string(curve.name), string(point)]),
    sign: data => {
      const signature = sign(curve.hash, data, { key, dsaEncoding: 'ieee-p1363' })
      const half = signature.length / 2
      const parts = [mpint(signature.subarray(0, half)), mpint(signature.subarray(half))]
      return Buffer.concat([string(type), string(Buffer.concat(parts))])
    },
  }
}

function rsaOf(flags: number): readonly [type: string, hash: string] {
  if ((flags & RSA_SHA512) !== 0) return ['rsa-sha2-512', 'sha512']
  return (flags & RSA_SHA256) === 0 ? ['ssh-rsa', 'sha1'] : ['rsa-sha2-256', 'sha256']
}

function numberOf(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString('hex') || '0'}`)
}

function bytesOf(value: bigint, length = 0): Buffer {
  const hex = value.toString(16)
  return Buffer.from(hex.padStart(Math.max(hex.length + (hex.length % 2), length * 2), '0'), 'hex')
}

function url(bytes: Buffer): string {
  return bytes.toString('base64url')
}

function locked(): KeyProblem {
  return new KeyProblem('it has a passphrase')
}
