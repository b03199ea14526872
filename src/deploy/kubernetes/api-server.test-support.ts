import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeAuthority } from '../../gateway/testing/certificates.ts'
import { Controllers } from './testing/api-server/controllers.ts'
import { ApiServer, type ServerOptions } from './testing/api-server/server.ts'

/** A server that listens, and a folder with a kubeconfig that leads to it. */
export interface Started {
  readonly server: ApiServer
  readonly controllers: Controllers
  readonly folder: string
  /** Its user shows a certificate. */
  readonly kubeconfig: string
  /** PEM of the authority, and of the client. */
  readonly pem: { readonly ca: string; readonly cert: string; readonly key: string }
  end(): Promise<void>
}

/** Starts an API server of the tests with controllers, and certificates of its own. */
export async function startServer(options: Omit<ServerOptions, 'tls'> = {}): Promise<Started> {
  certificates ??= makeCertificates()
  const { pem, tls } = certificates
  const server = new ApiServer({ ...options, tls })
  const controllers = new Controllers(server.store)
  await server.start()
  const folder = mkdtempSync(join(tmpdir(), 'tscompose-cluster-'))
  const kubeconfig = join(folder, 'kubeconfig')
  writeFileSync(kubeconfig, configOf(server.address, pem))
  return {
    server,
    controllers,
    folder,
    kubeconfig,
    pem,
    end: async () => {
      controllers.stop()
      await server.stop()
      rmSync(folder, { recursive: true })
    },
  }
}

let certificates: (Pick<Started, 'pem'> & Pick<ServerOptions, 'tls'>) | undefined

/** Once for all servers of a test file: openssl takes its time. */
function makeCertificates(): NonNullable<typeof certificates> {
  const authority = makeAuthority()
  const [own, client] = [authority.sign('server', 'serverAuth'), authority.sign('client', 'clientAuth')]
  const read = (path: string): string => readFileSync(path, 'utf8')
  const pem = { ca: read(authority.ca), cert: read(client.cert), key: read(client.key) }
  const tls = { key: read(own.key), cert: read(own.cert), ca: pem.ca }
  authority.remove()
  return { pem, tls }
}

/** A kubeconfig of one context, `test`. */
export function configOf(server: string, { ca, cert, key }: Started['pem'], user?: object): string {
  const base64 = (text: string): string => Buffer.from(text).toString('base64')
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    contexts: [{ name: 'test', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server, 'certificate-authority-data': base64(ca) } }],
    users: [
      {
        name: 'u',
        user: user ?? { 'client-certificate-data': base64(cert), 'client-key-data': base64(key) },
      },
    ],
  })
}
