import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

/** A self-signed certificate of `localhost`, `registry.example`, the hub and 127.0.0.1, and its key: paths of PEM files. */
export interface Certificate {
  readonly certificate: string
  readonly key: string
}

/** Makes a certificate in `folder`; it is also its own authority. */
export function makeCertificate(folder: string): Certificate {
  const files = { certificate: join(folder, 'registry.crt'), key: join(folder, 'registry.key') }
  const names = 'subjectAltName=DNS:localhost,DNS:registry.example,DNS:registry-1.docker.io,IP:127.0.0.1'
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const out = ['-keyout', files.key, '-out', files.certificate]
  const args = ['req', '-x509', ...curve, ...out, '-days', '2', '-subj', '/CN=localhost', '-addext', names]
  execFileSync('openssl', args, { stdio: 'ignore' })
  return files
}
