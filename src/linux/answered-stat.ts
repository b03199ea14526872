import type { Stats } from 'node:fs'
import { stat } from 'node:fs/promises'
import { failure } from '../diagnostics/index.ts'

/** How long a path may take to be looked at: a slow disk answers by then, a server that is gone never does. */
const PATIENCE_MS = 10_000

/** A look that nobody has answered yet, and since when. It holds a thread until the kernel lets go of it. */
interface Look {
  readonly answer: Promise<Stats>
  readonly since: number
}

/** By path. */
const unanswered = new Map<string, Look>()

/** Milliseconds that a path is waited for which has been silent for longer than anybody would wait. */
const ONCE_MORE = 100

/**
 * Looks at a path that may lie on a server which does not answer (NFS, FUSE): the process goes on meanwhile, and a path that is being
 * waited for is not asked for once more. Fails with `PATH_SILENT`, otherwise as stat(2) does.
 */
export async function answeredStat(path: string, patience: number = PATIENCE_MS): Promise<Stats> {
  const { answer, since } = unanswered.get(path) ?? ask(path)
  const left = Math.max(Math.min(patience, ONCE_MORE), since + patience - performance.now())
  let timer: NodeJS.Timeout | undefined
  const silence = new Promise<undefined>(resolve => {
    timer = setTimeout(() => resolve(undefined), left)
  })
  try {
    const found = await Promise.race([answer, silence])
    if (found !== undefined) return found
  } finally {
    clearTimeout(timer)
  }
  throw failure({
    code: 'PATH_SILENT',
    kind: 'unavailable',
    summary: `"${path}" does not answer`,
    hint: 'it lies on a file system whose server is gone (NFS, FUSE): see mount(8); umount -l lets go of it',
  })
}

function ask(path: string): Look {
  const look = { answer: stat(path), since: performance.now() }
  unanswered.set(path, look)
  const forget = (): void => void unanswered.delete(path)
  look.answer.then(forget, forget)
  return look
}
