import { fstatSync } from 'node:fs'
import type { Duplex } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import type { OpenSocket } from '../types/index.ts'

/** Resolves when the client has read all that it was sent on a connection: true; false where nobody can know that. */
export type UntilRead = (connection: OpenSocket) => Promise<boolean>

/** Milliseconds for clients of which it can't be known: those behind a gateway, and where the kernel is not asked. Docker needs as long to start a command. */
const LONG_ENOUGH = 50

/** What Node's connections have of the kernel's; no part of its documented interface. */
export interface Handle {
  readonly fd?: number
  reading: boolean
  readStop(): unknown
  readStart(): unknown
}

/** Undefined for a connection that is closed, or none of the kernel's. */
export function handleOf(connection: Duplex): (Handle & { readonly fd: number }) | undefined {
  const { _handle: handle } = connection as { readonly _handle?: Handle | null }
  return typeof handle?.fd === 'number' && handle.fd >= 0
    ? (handle as Handle & { readonly fd: number })
    : undefined
}

/** A descriptor of ours, and whose it is. */
export function openSocket(fd: number): OpenSocket {
  return { fd, inode: fstatSync(fd, { bigint: true }).ino }
}

/**
 * Resolves when what follows the head of an answer can't be lost with it any more: some clients read the head through a buffer and then go on
 * beneath it (docker-py), or throw away what came in one piece with it (docker-modem).
 */
export async function headRead(connection: Duplex, untilRead: UntilRead | undefined): Promise<void> {
  const handle = handleOf(connection)
  const isRead = handle !== undefined && (await untilRead?.(openSocket(handle.fd))) === true
  if (!isRead) await setTimeout(LONG_ENOUGH)
}
