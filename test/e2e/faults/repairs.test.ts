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

  const nothingIsLeft = (): Promise<unknown> =>
    eventually('nothing is left', () => leaksSince(before, takeStock(lab)).length === 0, 90_000)

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

  /** Each place where the programs of `run` call the kernel, of all that an attempt took. */
  function placesOf(name: string, fault: Fault): readonly Call[] {
    const all = injector.report().calls.filter(({ process }) => process > 0)
    const own = new Map(all.map(call => [`${call.process} ${call.call}`, call]))
    return points.of(name, [...own.values()], fault)
  }

  // For some minutes.
  if (THOROUGHNESS !== 'names')
    test('a network is joined by a container that runs, or not: whole, and by the next attempt', {
      timeout: TIME,
    }, async () => {
      for (const Name of ['one', 'two']) await lab.engine.networks.create({ Name })
      const Container = await lab.run('joins', { HostConfig: { NetworkMode: 'one' } })
      const first = await lab.pidOf(Container)
      const join = (): Promise<void> => lab.engine.networks.connect('two', { Container })
      const leave = (): Promise<void> => lab.engine.networks.disconnect('two', { Container, Force: false })
      const links = async (): Promise<string> => (await lab.exec(Container, 'ls /sys/class/net')).out
      const wrong: string[] = []
      await join()
      await leave()
      for (const fault of [EIO, 'kill'] as const) {
        injector.arm('run')
        await join()
        injector.disarm()
        const calls = placesOf('join', fault)
        await leave()
        for (const call of calls) {
          injector.arm('run', call, fault)
          const error = await join().catch((reason: unknown) => reason)
          injector.disarm()
          const tell = (what: unknown): number =>
            wrong.push(
              `${fault} at ${call.name}, call ${call.call} of process ${call.process}: ${String(what)}`,
            )
          if (error !== undefined && !(error instanceof Failure)) tell(error)
          const seen = await links()
          if (seen !== (error === undefined ? 'eth0\neth1\nlo\n' : 'eth0\nlo\n'))
            tell(`${seen} after ${String(error)}`)
          if (error !== undefined) await join().catch(tell)
          await leave().catch(tell)
        }
      }
      expect(wrong).toEqual([])
      expect(await lab.pidOf(Container)).toBe(first)
      await lab.engine.containers.remove(Container, { force: true, volumes: true, link: false })
      for (const name of ['one', 'two']) await lab.engine.networks.remove(name)
      await nothingIsLeft()
    })

  describe.each(
    SPOILINGS.filter(({ sampled }) => THOROUGHNESS !== 'names' || sampled === true),
  )('of $name', spoiling => {
    test('the container lives on, and the next repair puts it right', { timeout: TIME }, async () => {
      const calls = await callsOf(spoiling)
      const wrong: string[] = []
      // Whoever could not write his reply waited for his caller's end, and his caller for the reply.
      for (const call of calls.filter(({ name }) => name === 'write').slice(-1))
        wrong.push(...(await tryAt(spoiling, call, EIO)))
      for (const fault of [EIO, 'kill'] as const)
        for (const call of points.of(spoiling.name, calls, fault))
          wrong.push(...(await tryAt(spoiling, call, fault)))
      expect(wrong).toEqual([])
      expect((await lab.exec(id, 'head -c 1 /proc/keys | wc -c')).out).toBe('0\n')
      await nothingIsLeft()
    })
  })
})
