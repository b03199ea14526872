import { appendFileSync, existsSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from './eventually.ts'

/** An engine that nobody needs any more, and of which test. */
interface Ending {
  readonly folder: string
  readonly run: string
  readonly test: string
}

/** Where workers write down whom they have left, a line each; the first process of the tests is the parent of them all. */
const listOf = (main: number): string => join(tmpdir(), `tscompose-ending-${main}`)

/** Those that this process has left, and whose folders are there. */
const left: Ending[] = []

/** Has an engine end by itself, which takes a second or two, while other tests go on; its folder goes some time behind it. */
export function leaveToEnd(engine: Ending): void {
  for (const each of left.splice(0)) if (!removeEnded(each)) left.push(each)
  if (removeEnded(engine)) return
  left.push(engine)
  appendFileSync(listOf(process.ppid), `${JSON.stringify(engine)}\n`)
}

/** Waits until all engines have ended that were left to it, and throws if one does not. In the first process. */
export async function allHaveEnded(): Promise<void> {
  const list = listOf(process.pid)
  if (!existsSync(list)) return
  const lines = readFileSync(list, 'utf8').trim().split('\n')
  let there = lines.map(line => JSON.parse(line) as Ending)
  rmSync(list)
  await eventually('all engines have ended', () => {
    there = there.filter(each => !removeEnded(each))
    return there.length === 0
  }).catch(error => {
    const tests = there.map(({ run, test }) => `${run} of ${test}`)
    throw new Error(`engines that nobody needs have not ended:\n${tests.join('\n')}`, { cause: error })
  })
}

/** Removes the folder of an engine if it has ended. */
function removeEnded({ folder, run }: Ending): boolean {
  if (readEnginePid(run) !== undefined) return false
  rmSync(folder, { recursive: true, force: true })
  return true
}

/** Pid of the engine with this RUN, if one runs. */
export function readEnginePid(run: string): number | undefined {
  const path = join(run, 'engine.lock')
  if (!existsSync(path)) return undefined
  const pid = Number(/\d+/.exec(readFileSync(path, 'utf8'))?.[0])
  return Number.isInteger(pid) && existsSync(`/proc/${pid}`) ? pid : undefined
}
