// Execs that race restarts and removals: scenario C 28.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Failure } from '../../../src/diagnostics/index.ts'
import { EngineLab } from '../harness/engine-lab.ts'
import { eventually } from '../harness/eventually.ts'
import { leaksSince, type Stock, takeStock } from '../harness/leaks.ts'
import { THOROUGHNESS } from './points.ts'

/** Restarts of each kind; `npm run test:faults` makes a thousand of them. */
const ROUNDS = THOROUGHNESS !== 'names' ? 1000 : 40
const TIME = ROUNDS * 3000

const lab = new EngineLab()
let before: Stock

beforeAll(async () => {
  await lab.open()
  await lab.buildImage()
  await lab.sh('true')
  before = takeStock(lab)
})
afterAll(() => lab.close())

/** What may be told of an exec whose container ends, by its code. */
const TOLD = ['COMMAND_KILLED', 'CONTAINER_NOT_FOUND', 'CONTAINER_NOT_RUNNING', 'EXEC_NOT_FOUND']

/** The exit code of an exec, or the code of what it was refused by. */
async function execCode(id: string): Promise<number | string> {
  try {
    return (await lab.exec(id, 'exit 3')).code
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return error.diagnostics[0]?.code ?? error.message
  }
}

const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

test('C28: an exec that meets a restart runs or is refused by name, and nothing is left', {
  timeout: TIME,
}, async () => {
  const id = await lab.run('restarted', { StopSignal: 'SIGKILL', HostConfig: { NetworkMode: 'none' } })
  const ends: (number | string)[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    const execs = Promise.all(Array.from({ length: 4 }, () => execCode(id)))
    // So that each round catches them at another step of theirs.
    for (let turns = (round * 7) % 60; turns > 0; turns -= 1) await turn()
    await lab.engine.containers.restart(id, { timeout: 0 })
    ends.push(...(await execs))
  }
  // As it ended, killed with its container, or not begun.
  expect(ends.filter(end => end !== 3 && end !== 137 && !TOLD.includes(String(end)))).toEqual([])
  expect(await execCode(id)).toBe(3)
  await lab.clear()
  await eventually('nothing is left', () => leaksSince(before, takeStock(lab)).length === 0)
})

test('C28: a removal that meets a start wins, and nothing is left', { timeout: TIME }, async () => {
  const odd: string[] = []
  for (let round = 0; round < ROUNDS / 4; round += 1) {
    const { Id } = await lab.engine.containers.create(
      { Image: 'bb', HostConfig: { NetworkMode: 'none' } },
      { name: 'raced' },
    )
    const started = lab.engine.containers.start(Id, {}).catch((error: unknown) => error)
    const removed = lab.engine.containers.remove(Id, { force: true, volumes: true, link: false })
    const [error] = await Promise.all([started, removed])
    if (error !== undefined && !(error instanceof Failure)) odd.push(String(error))
  }
  expect(odd).toEqual([])
  await eventually('nothing is left', () => leaksSince(before, takeStock(lab)).length === 0)
})
