// Every system call of a repair fails once, and its processes die after each step of it: the container lives on, nobody is told that all is right
// while it is not, and the next repair puts it right. `npm run test:faults` tries each place of the program, other runs one call of each name.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Failure } from '../../../src/diagnostics/index.ts'
import { present, program, requires } from '../../requires.ts'
import { EngineLab } from '../harness/engine-lab.ts'
import { eventually } from '../harness/eventually.ts'
import { leaksSince, type Stock, takeStock } from '../harness/leaks.ts'
import { type Call, type Fault, Injector } from './injector.ts'
import { Points, THOROUGHNESS } from './points.ts'
import { SPOILINGS, type Spoiling, spoiled } from './repairs.ts'

/** Fails whatever it befalls, and is taken for nothing else. */
const EIO = 5
const TIME = THOROUGHNESS === 'names' ? 240_000 : 3_600_000
const X64 = { what: 'x86-64', missing: process.arch === 'x64' ? undefined : `${process.arch} here` }

requires(
  X64,
  program('gcc'),
  program('nsenter'),
  program('prlimit'),
  present('ptrace', '/proc/sys/kernel'),
).describe('with a fault in a repair', () => {
  const lab = new EngineLab()
  const injector = new Injector()
  const points = new Points(THOROUGHNESS)
  let id: string
  let pid: number
  let before: Stock

  beforeAll(async () => {
    await lab.open(injector.native)
    await lab.buildImage()
    const secret = join(lab.folder, 'secret')
    writeFileSync(secret, 'secret\n')
    id = await lab.run('spoiled', spoiled(secret))
    pid = await lab.pidOf(id)
    before = takeStock(lab)
  })
  afterAll(async () => {
    injector.disarm()
    await lab.close()
    injector.close()
  })

  const drift = async (): Promise<string[]> => {
    const { TscomposeDrift = [] } = await lab.engine.containers.inspect(id, { size: false, drift: true })
    return TscomposeDrift.map(({ Path }) => Path)
  }
  const repair = async (): Promise<void> => lab.engine.containers.repair(id, { Paths: await drift() })

  async function callsOf({ spoil }: Spoiling): Promise<readonly Call[]> {
    spoil(pid)
    expect(await drift()).not.toEqual([])
    injector.arm('repair')
    await repair()
    injector.disarm()
    // The spawner's are tried where processes are begun (injection.test.ts).
    return injector.report().calls.filter(({ process }) => process > 0)
  }

  /** What is wrong after a repair with a fault, and after the next. */
  async function tryAt({ spoil }: Spoiling, call: Call, fault: Fault): Promise<string[]> {
    const wrong: string[] = []
    spoil(pid)
    injector.arm('repair', call, fault)
    const error = await repair().catch((reason: unknown) => reason)
    injector.disarm()
    if (error !== undefined && !(error instanceof Failure)) wrong.push(`no diagnostic: ${String(error)}`)
    if (error === undefined && (await drift()).length > 0) wrong.push('it was told to be right')
    await repair().catch((reason: unknown) => wrong.push(`the next one failed: ${String(reason)}`))
    for (const path of await drift()) wrong.push(`${path} stays`)
    if ((await lab.pidOf(id)) !== pid) wrong.push('the container has ended')
    return wrong.map(
      each => `${fault} at ${call.name}, call ${call.call} of process ${call.process}: ${each}`,
    )
  }

  describe.each(
    SPOILINGS.filter(({ sampled }) => THOROUGHNESS !== 'names' || sampled === true),
  )('of $name', spoiling => {
    test('the container lives on, and the next repair puts it right', { timeout: TIME }, async () => {
      const calls = await callsOf(spoiling)
      const wrong: string[] = []
      for (const fault of [EIO, 'kill'] as const)
        for (const call of points.of(spoiling.name, calls, fault))
          wrong.push(...(await tryAt(spoiling, call, fault)))
      expect(wrong).toEqual([])
      expect((await lab.exec(id, 'head -c 1 /proc/keys | wc -c')).out).toBe('0\n')
      await eventually('nothing is left', () => leaksSince(before, takeStock(lab)).length === 0, 90_000)
    })
  })
})
