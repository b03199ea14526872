import { Docker } from '../../../src/client/index.ts'

/** Keeps the engine at a socket up, which ends when nobody needs it, until what is returned is called. */
export async function holdEngine(socketPath: string): Promise<() => void> {
  const docker = new Docker({ socketPath })
  const held = await docker.getEvents()
  held.on('error', () => undefined)
  return () => {
    held.destroy()
    docker.modem.destroy()
  }
}
