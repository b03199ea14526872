import { type StdioOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { started } from '../linux/started.ts'
import { findNative } from './find.ts'

/** A user and a group of this machine. */
export interface Peer {
  readonly uid: number
  readonly gid: number
}

/**
 * Who opened the other end of a connection at a socket of the file system, by the kernel's word (SO_PEERCRED); undefined: one who has gone,
 * or is no user of this machine. Nothing is read from the connection meanwhile. NATIVE_MISSING, FD_LIMIT, or why no process can be begun.
 */
export async function peerOf(connection: Socket): Promise<Peer | undefined> {
  // Not one of the first three, whose files Node has wait in both processes.
  const stdio: StdioOptions = ['ignore', 'pipe', 'ignore', connection]
  const child = started(spawn(findNative(), ['peer'], { env: {}, stdio }))
  const said: Buffer[] = []
  child.stdout?.on('data', (chunk: Buffer) => said.push(chunk))
  await once(child, 'close')
  const [, uid, gid] = /^(\d+) (\d+)\n$/.exec(Buffer.concat(said).toString()) ?? []
  return uid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) }
}
