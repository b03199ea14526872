import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ApiServer, type ApiServerOptions, createApiServer } from '../../../src/api/server/index.ts'
import { Docker } from '../../../src/client/index.ts'
import { type FakeBackend, fakeBackend } from './fake-backend.ts'

/** A server over a fake backend on a socket of its own, and a client of it. */
export interface Harness {
  readonly backend: FakeBackend
  readonly server: ApiServer
  readonly docker: Docker
  readonly socketPath: string
  close(): Promise<void>
}

/** Starts one. */
export async function openHarness(options: ApiServerOptions = {}): Promise<Harness> {
  const folder = await mkdtemp(join(tmpdir(), 'tscompose-api-'))
  const socketPath = join(folder, 'engine.sock')
  const backend = fakeBackend()
  const server = createApiServer(backend, options)
  await server.listen({ path: socketPath })
  const docker = new Docker({ socketPath })
  return {
    backend,
    server,
    docker,
    socketPath,
    close: async () => {
      docker.modem.destroy()
      await server.close(100)
      await rm(folder, { recursive: true })
    },
  }
}
