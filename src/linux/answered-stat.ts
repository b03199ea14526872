import type { Stats } from 'node:fs'
import { stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { failure } from '../diagnostics/index.ts'

/** How long a path may take to be looked at: a slow disk answers by then, a server that is gone never does. */
const PATIENCE_MS = 10_000

/** Looks that nobody has answered yet, by path. Each holds a thread until the kernel lets go of it. */
const unanswered = new Map<string, Promise<Stats>>()

/**
 * Looks at a path that may lie on a server which does not answer (NFS, FUSE): the process goes on meanwhile, and a path that is being
 * waited for is not asked for once more. Fails with `PATH_SILENT`, otherwise as stat(2) does.
 */
export async function answeredStat(path: string, patience: number = PATIENCE_MS): Promise<Stats> {
  const asked = unanswered.has(path)
  const answer = unanswered.get(path) ?? ask(path)
  const end = new AbortController()
  const silence = sleep(asked ? Math.min(patience, 100) : patience, undefined, { signal: end.signal })
  try {
    const found = await Promise.race([answer, silence])
    if (found !== undefined) return found
  } finally {
    end.abort()
    silence.catch(() => undefined)
  }
  throw failure({
    code: 'PATH_SILENT',
    kind: 'unavailable',
    summary: `"${path}" does not answer`,
    hint: 'it lies on a file system whose server is gone (NFS, FUSE): see mount(8); umount -l lets go of it',
  })
}

function ask(path: string): Promise<Stats> {
  const answer = stat(path)
  unanswered.set(path, answer)
  const forget = (): void => void unanswered.delete(path)
  answer.then(forget, forget)
  return answer
}
