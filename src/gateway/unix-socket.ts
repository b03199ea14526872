import { once } from 'node:events'
import { lstatSync, readFileSync, rmSync, type Stats, statSync } from 'node:fs'
import { createConnection, type Server } from 'node:net'
import { dirname } from 'node:path'
import { errnoOf, failure, messageOf } from '../diagnostics/index.ts'

/** Mode of a socket that is root's alone, and of one that a group may write to; both by the umask at its bind. */
const UMASK_ALONE = 0o177
const UMASK_GROUP = 0o117

/** Clients that may wait to be accepted, as the engine has it. */
const QUEUE = 4096

/** Other users' bits to write, and the one that keeps them from each other's files. */
const OPEN_TO_OTHERS = 0o022
const STICKY = 0o1000

/**
 * Binds a socket at a path: mode 0600, or 0660 and of a group. Neither is ever otherwise, not for an instant, since both are set
 * around the bind, which Node does at once, and no path is followed afterwards. Errors: SOCKET_FOLDER, SOCKET_IN_USE, LISTEN_FAILED.
 */
export async function listenAtPath(server: Server, path: string, gid: number | undefined): Promise<void> {
  checkFolder(dirname(path))
  await removeDead(path)
  const umask = process.umask(gid === undefined ? UMASK_ALONE : UMASK_GROUP)
  const ownGroup = process.getegid?.()
  if (gid !== undefined) process.setegid?.(gid)
  try {
    server.listen({ path, backlog: QUEUE })
  } finally {
    process.umask(umask)
    if (ownGroup !== undefined) process.setegid?.(ownGroup)
  }
  await listening(server, path)
  const got = lstatSync(path).gid
  // A folder with the setgid bit gives its own group to what is made in it.
  if (gid === undefined || got === gid) return
  server.close()
  throw folderFailure(dirname(path), `it gives its own group, ${got}, to what is made in it`)
}

/** Errors: LISTEN_FAILED. */
export async function listening(server: Server, where: string): Promise<void> {
  try {
    await once(server, 'listening')
  } catch (error) {
    throw failure({
      code: 'LISTEN_FAILED',
      kind: 'unavailable',
      summary: `Listen at ${where}: ${messageOf(error)}`,
      cause: error,
    })
  }
}

/** Who could put another socket in the place of ours would get all that clients send. */
function checkFolder(folder: string): void {
  let stats: Stats
  try {
    stats = statSync(folder)
  } catch (error) {
    throw folderFailure(folder, messageOf(error))
  }
  if ((stats.mode & OPEN_TO_OTHERS) !== 0 && (stats.mode & STICKY) === 0)
    throw folderFailure(folder, 'other users may replace what is in it')
}

/** Removes the socket of a process that has ended; nothing else. */
async function removeDead(path: string): Promise<void> {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return
  if (!stats.isSocket()) throw inUse(path, 'something that is no socket is there')
  if (await answers(path)) throw inUse(path, 'another process listens there')
  rmSync(path, { force: true })
}

async function answers(path: string): Promise<boolean> {
  const socket = createConnection(path)
  try {
    await once(socket, 'connect')
    return true
  } catch (error) {
    if (errnoOf(error) === 'ECONNREFUSED' || errnoOf(error) === 'ENOENT') return false
    throw inUse(path, messageOf(error))
  } finally {
    socket.destroy()
  }
}

function inUse(path: string, detail: string): Error {
  const summary = `Listen at ${path}: ${detail}`
  return failure({ code: 'SOCKET_IN_USE', kind: 'conflict', summary })
}

function folderFailure(folder: string, detail: string): Error {
  return failure({
    code: 'SOCKET_FOLDER',
    kind: 'invalidArgument',
    summary: `Make a socket in "${folder}": ${detail}`,
  })
}

/** A group by its name in /etc/group, or its number. Errors: SOCKET_GROUP. */
export function groupId(group: string, database: string = readFileSync('/etc/group', 'utf8')): number {
  if (/^\d{1,10}$/.test(group)) return Number(group)
  const entry = database
    .split('\n')
    .map(line => line.split(':'))
    .find(([name]) => name === group)
  const gid = Number(entry?.[2] ?? Number.NaN)
  if (group !== '' && Number.isInteger(gid)) return gid
  throw failure({
    code: 'SOCKET_GROUP',
    kind: 'invalidArgument',
    summary: `Give the socket to group "${group}": it is not in /etc/group`,
    hint: 'make it with groupadd, or name it by its number',
  })
}
