import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, fstatSync, openSync } from 'node:fs'
import { errnoOf } from '../diagnostics/index.ts'
import { started } from '../linux/started.ts'

/**
 * A path by which this process, and no other, executes one sealed copy of the native binary (native/launch/sealed.c): a file in
 * memory that a container may get hold of and cannot change. One copy serves all processes that we start. Where it cannot
 * be had the binary's own path is the answer, and each process makes its own copy first, which costs it a
 * millisecond and a megabyte.
 */
export async function sealedPath(binary: string): Promise<string> {
  const child = started(spawn(binary, ['seal'], { stdio: ['pipe', 'pipe', 'ignore'], env: {}, cwd: '/' }))
  // One that ended before its word, or never began, is told by the event that comes first.
  child.stdin.on('error', () => undefined)
  const began = await Promise.race([
    once(child.stdout, 'data').then(() => true),
    once(child, 'exit').then(() => false),
  ]).catch(() => false)
  const fd = began ? openCopy(child.pid ?? 0) : undefined
  child.stdin.end()
  return fd === undefined ? binary : `/proc/self/fd/${fd}`
}

/** More than `spawn.ts` gives to a child: its pipes are put in place before it executes, over what had their numbers. */
export const STDIO_OF_A_CHILD = 8

/** Opens a file for reading as a descriptor of at least this number. */
export function openAbove(path: string, least: number): number {
  const opened: number[] = []
  try {
    for (;;) {
      const fd = openSync(path, 'r')
      if (fd >= least) return fd
      opened.push(fd)
    }
  } finally {
    for (const fd of opened) closeSync(fd)
  }
}

/** The file that a process runs from, if it is a copy: that has no name. Stays open as long as we live. */
function openCopy(pid: number): number | undefined {
  try {
    const fd = openAbove(`/proc/${pid}/exe`, STDIO_OF_A_CHILD)
    return fstatSync(fd).nlink === 0 ? fd : undefined
  } catch (error) {
    // It was killed, or we may not look at it.
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'EACCES') return undefined
    throw error
  }
}
