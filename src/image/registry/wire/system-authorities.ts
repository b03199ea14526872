import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls'
import { readIfThere } from '../../../linux/atomic-file.ts'

/** Where distributions keep the certificates that the whole machine trusts, in one file. */
const BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
]

let known: Promise<readonly string[]> | undefined
let context: Promise<SecureContext> | undefined

/**
 * The authorities that this machine trusts, as PEM, with those of NODE_EXTRA_CA_CERTS; Node's own where the machine has none. Node
 * does not look there itself, and an authority of the user's company would be unknown.
 */
export function systemAuthorities(): Promise<readonly string[]> {
  known ??= read()
  return known
}

/** What trusts these authorities and no others; made once, since reading them takes longer than a request. */
export function systemContext(): Promise<SecureContext> {
  context ??= systemAuthorities().then(ca => createSecureContext({ ca: [...ca] }))
  return context
}

async function read(): Promise<readonly string[]> {
  const { SSL_CERT_FILE, NODE_EXTRA_CA_CERTS } = process.env
  const system = await firstOf(SSL_CERT_FILE ? [SSL_CERT_FILE, ...BUNDLES] : BUNDLES)
  const isTwice = NODE_EXTRA_CA_CERTS === undefined || NODE_EXTRA_CA_CERTS === system?.path
  const extra = isTwice ? undefined : await readIfThere(NODE_EXTRA_CA_CERTS)
  return [...(system === undefined ? rootCertificates : [system.text]), ...(extra ? [extra] : [])]
}

async function firstOf(
  paths: readonly string[],
): Promise<{ readonly path: string; readonly text: string } | undefined> {
  for (const path of paths) {
    const text = await readIfThere(path)
    if (text) return { path, text }
  }
  return undefined
}
