import { chmod, chown, open } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { failure } from '../../diagnostics/index.ts'

/** A socket of our own, in front of an agent's. */
export interface AgentSocket {
  readonly path: string
  /** Nobody reaches the agent by it any more. */
  end(): void
}

/** An agent: its socket on this machine, or what opens a connection to it. */
export type Agent = string | (() => Duplex)

/** Opens a socket in a folder that leads to an agent's, so that a step has it with a mode and owner of its own, and no longer. */
export async function openAgent(
  agent: Agent,
  folder: string,
  owner: { readonly mode: number; readonly uid: number; readonly gid: number },
): Promise<AgentSocket> {
  const path = join(folder, 'agent')
  const connections = new Set<Duplex>()
  const server = createServer({ allowHalfOpen: true }, step => {
    const there = typeof agent === 'string' ? connect({ path: agent, allowHalfOpen: true }) : agent()
    for (const [socket, other] of [
      [step, there],
      [there, step],
    ] as const) {
      connections.add(socket)
      // Whichever end goes takes the other with it.
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        connections.delete(socket)
        other.destroy()
      })
    }
    step.pipe(there).pipe(step)
  })
  // A path of a socket holds 107 bytes; the folder's may be longer.
  const handle = await open(folder, 'r')
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(`/proc/self/fd/${handle.fd}/agent`, resolve)
    })
  } catch (error) {
    throw failure({
      code: 'SSH_AGENT',
      summary: 'the socket of the ssh agent cannot be handed on',
      cause: error,
    })
  } finally {
    await handle.close()
  }
  await chmod(path, owner.mode)
  await chown(path, owner.uid, owner.gid)
  return {
    path,
    end: () => {
      server.close()
      for (const socket of connections) socket.destroy()
    },
  }
}
