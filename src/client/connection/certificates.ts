import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { errnoOf, failure, messageOf } from '../../diagnostics/index.ts'

/** What a client shows to an engine, and what it knows the engine by. */
export interface Certificates {
  readonly ca?: readonly string[]
  readonly cert?: Buffer
  readonly key?: Buffer
}

/**
 * The certificates that Docker's clients use: `ca.pem`, `cert.pem` and `key.pem` of `DOCKER_CERT_PATH`, where all must be, or those that are in
 * the user's Docker folder. Errors: CERTIFICATES_UNREADABLE.
 */
export function readCertificates(env: Readonly<Record<string, string | undefined>>): Certificates {
  const named = env['DOCKER_CERT_PATH']
  const folder = named || env['DOCKER_CONFIG'] || join(homedir(), '.docker')
  const read = (name: string): Buffer | undefined => readPem(join(folder, name), Boolean(named))
  const [ca, cert, key] = [read('ca.pem'), read('cert.pem'), read('key.pem')]
  return {
    ...(ca ? { ca: splitPem(ca.toString('utf8')) } : {}),
    ...(cert ? { cert } : {}),
    ...(key ? { key } : {}),
  }
}

function readPem(path: string, isWanted: boolean): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch (error) {
    if (!isWanted && errnoOf(error) === 'ENOENT') return undefined
    throw failure({
      code: 'CERTIFICATES_UNREADABLE',
      kind: 'invalidArgument',
      summary: `Read the certificates of the connection: ${messageOf(error)}`,
      hint: 'DOCKER_CERT_PATH names a folder with ca.pem, cert.pem and key.pem',
      cause: error,
    })
  }
}

function splitPem(text: string): readonly string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [text]
}
