import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TlsFiles } from '../tls.ts'

/** For tests: an authority, and what it signs; files in a folder of its own. */
export interface Authority {
  readonly ca: string
  /** A key and a certificate; `-days`, or dates of the past, are openssl's own options. */
  sign(name: string, purpose: 'serverAuth' | 'clientAuth', ...when: readonly string[]): TlsFiles
  remove(): void
}

export function makeAuthority(): Authority {
  const folder = mkdtempSync(join(tmpdir(), 'tscompose-ca-'))
  const file = (name: string): string => join(folder, name)
  const openssl = (...args: readonly string[]): void =>
    void execFileSync('openssl', args, { stdio: 'pipe', cwd: folder })
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  openssl(
    'req',
    '-x509',
    ...key,
    '-keyout',
    'ca-key.pem',
    '-out',
    'ca.pem',
    '-subj',
    '/CN=test authority',
    '-days',
    '2',
  )
  // What `openssl ca` keeps: only it can sign with dates of the past.
  writeFileSync(file('index.txt'), '')
  writeFileSync(
    file('ca.cnf'),
    '[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\nnew_certs_dir=.\nrand_serial=yes\ndefault_md=sha256\npolicy=p\nunique_subject=no\n[p]\ncommonName=supplied\n',
  )
  return {
    ca: file('ca.pem'),
    sign(name, purpose, ...when) {
      openssl('req', ...key, '-keyout', `${name}-key.pem`, '-out', `${name}.csr`, '-subj', `/CN=${name}`)
      writeFileSync(
        file(`${name}.ext`),
        `extendedKeyUsage=${purpose}\nsubjectAltName=IP:127.0.0.1,DNS:localhost\n`,
      )
      const dates = when.length > 0 ? when : ['-days', '1']
      openssl(
        'ca',
        '-batch',
        '-config',
        'ca.cnf',
        '-cert',
        'ca.pem',
        '-keyfile',
        'ca-key.pem',
        '-in',
        `${name}.csr`,
        '-out',
        `${name}.pem`,
        '-extfile',
        `${name}.ext`,
        '-notext',
        ...dates,
      )
      return { ca: file('ca.pem'), cert: file(`${name}.pem`), key: file(`${name}-key.pem`) }
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
