// The spawner is killed while containers start, commands run and an image is built: all go on with the next one, and nothing is left.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createNative } from '../../../src/native/index.ts'
import { EngineLab } from '../harness/engine-lab.ts'
import { eventually } from '../harness/eventually.ts'
import { leaksSince, type Stock, takeStock } from '../harness/leaks.ts'

const NONE = { NetworkMode: 'none' }
/** Fewer than what a start takes that is unlucky each time. */
const KILLS = 8

const native = createNative()
const lab = new EngineLab()
let before: Stock
/** The spawner of now is another one than that of before, and nobody's leak. */
const stock = (): Stock => takeStock(lab).filter(line => !/^process \d+ tscompose-spawn/.test(line))

beforeAll(async () => {
  await lab.open()
  await lab.buildImage()
  await lab.sh('true')
  before = stock()
})
afterEach(async () => {
  await lab.clear()
  await eventually('nothing is left', () => leaksSince(before, stock()).length === 0)
})
afterAll(() => lab.close())

function kill(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(pid, 'SIGKILL')
  } catch (error) {
    // It has been killed before, and the next has not begun.
    expect(error).toMatchObject({ code: 'ESRCH' })
  }
}

/** Kills it again and again, each time when something more has been done, while some work goes on. */
async function killing<T>(progress: () => number, work: readonly Promise<T>[]): Promise<T[]> {
  let isOver = false
  const all = Promise.all(work).finally(() => {
    isOver = true
  })
  let kills = 0
  while (!isOver && kills < KILLS) {
    const [pid, done] = [await native.spawner(), progress()]
    await new Promise(resolve => setTimeout(resolve, kills * 2))
    kill(pid)
    kills += 1
    await eventually('something is done', () => isOver || progress() > done, 60_000)
  }
  expect(kills).toBeGreaterThan(1)
  return await all
}

test('forty containers start, and each runs once', async () => {
  let started = 0
  const all = Array.from({ length: 40 }, async (_, index) => {
    const id = await lab.run(`many${index}`, {
      Cmd: ['sh', '-c', `echo ${index}; exec sleep 1000`],
      HostConfig: NONE,
    })
    started += 1
    return id
  })
  const ids = await killing(() => started, all)
  for (const [index, id] of ids.entries()) {
    expect((await lab.engine.containers.inspect(id, { size: false })).State.Running).toBe(true)
    await eventually('it has said its number', async () => (await lab.log(id)) !== '')
    expect(await lab.log(id)).toBe(`${index}\n`)
  }
}, 240_000)

test('commands in a container run, with their own output and exit code each', async () => {
  const id = await lab.run('host', { HostConfig: NONE })
  let done = 0
  const all = Array.from({ length: 40 }, async (_, index) => {
    const result = await lab.exec(id, `echo ${index}; exit ${index}`)
    done += 1
    return result
  })
  expect(await killing(() => done, all)).toEqual(all.map((_, index) => ({ out: `${index}\n`, code: index })))
}, 240_000)

test('an image is built, each step once', async () => {
  const steps = Array.from({ length: 12 }, (_, index) => `RUN echo ${index} >> /steps\n`).join('')
  let isBuilt = false
  const build = lab.build('stepped', `FROM bb\n${steps}`, {}).finally(() => {
    isBuilt = true
  })
  for (let kills = 0; kills < KILLS && !isBuilt; kills += 1) {
    // A step takes some hundredths of a second: now within one, now between two.
    await new Promise(resolve => setTimeout(resolve, 10 + kills * 5))
    kill(await native.spawner())
  }
  await build
  const { out } = await lab.sh('cat /steps', { Image: 'stepped' })
  expect(out).toBe(Array.from({ length: 12 }, (_, index) => `${index}\n`).join(''))
}, 240_000)
