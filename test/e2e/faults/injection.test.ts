// Every system call that a start makes, of the spawner, the monitor, its child and whoever else there is, fails once, and each process dies
// after each step of it: the payload does not run, the caller is told, and nothing is left. `npm run test:faults` tries each place of the
// program; without it one call of each name is tried (points.ts).
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Failure } from '../../../src/diagnostics/index.ts'
import { present, program, requires } from '../../requires.ts'
import { FaultLab, type Outcome } from './fault-lab.ts'
import { whyHarmless } from './harmless.ts'
import type { Call, Fault } from './injector.ts'
import { Points, THOROUGHNESS } from './points.ts'
import { SCENARIOS, type Scenario } from './scenarios.ts'

/** Input and output fail with this alone, which nobody takes for the absence of something. */
const EIO = 5
const TIME = THOROUGHNESS === 'names' ? 600_000 : 3_600_000
const X64 = { what: 'x86-64', missing: process.arch === 'x64' ? undefined : `${process.arch} here` }

/**
 * What is wrong with how a start with a fault has ended; nothing when it ended as it must. Who is killed in a container, or while
 * he waits for a command that he has let go, leaves one that may have run: that nothing is left of it is enough.
 */
function wrongWith({ fault, way, ran, error, leaks }: Outcome, kind: Fault): string[] {
  const wrong = [...leaks]
  if (kind === 'kill') return wrong
  if (error !== undefined && ran) wrong.push(`the payload ran, but: ${error.message}`)
  if (error === undefined && fault !== undefined && whyHarmless(fault.process, way) === undefined)
    wrong.push('the start went on')
  if (error !== undefined && !(error instanceof Failure)) wrong.push(`no diagnostic: ${error.message}`)
  return wrong
}

async function sweep(
  lab: FaultLab,
  scenario: Scenario,
  calls: readonly Call[],
  fault: Fault,
): Promise<string[]> {
  const wrong: string[] = []
  for (const call of calls) {
    const outcome = await lab.run(scenario, call, fault)
    const { process, call: position, name } = outcome.fault ?? call
    for (const each of wrongWith(outcome, fault))
      wrong.push(`${name}, call ${position} of process ${process}: ${each}`)
  }
  return wrong
}

requires(
  X64,
  program('gcc'),
  present('ptrace', '/proc/sys/kernel'),
).describe('with a fault in the native program', () => {
  const lab = new FaultLab()
  const points = new Points(THOROUGHNESS)
  beforeAll(() => lab.open())
  afterAll(() => lab.close())

  describe.each(
    SCENARIOS.filter(({ sampled }) => THOROUGHNESS !== 'names' || sampled === true),
  )('$name', scenario => {
    let calls: readonly Call[]
    beforeAll(async () => {
      calls = await lab.begin(scenario)
    }, TIME)

    test('never runs its payload after a call that failed, and leaves nothing', {
      timeout: TIME,
    }, async () => {
      expect(await sweep(lab, scenario, points.of(scenario.name, calls, EIO), EIO)).toEqual([])
    })

    test('leaves nothing when a process of it is killed', { timeout: TIME }, async () => {
      expect(await sweep(lab, scenario, points.of(scenario.name, calls, 'kill'), 'kill')).toEqual([])
    })

    if (scenario.processes !== undefined)
      test('takes no more processes than it did', () => {
        expect(new Set(calls.map(call => call.process)).size).toBe(scenario.processes)
      })

    // Its last word stands behind the error of a channel whose other end went with something unread: one in ten was lost.
    if (scenario.name === 'an exec')
      test('is told why by a process that ended without having read', { timeout: TIME }, async () => {
        const waits = calls.filter(({ process, name }) => process === 3 && name === 'read')
        expect(waits).toHaveLength(1)
        const rounds = Array.from({ length: 25 }, () => waits).flat()
        expect(await sweep(lab, scenario, rounds, EIO)).toEqual([])
      })

    test('leaves no process for good', { timeout: TIME }, async () => {
      expect(await lab.lingering()).toEqual([])
    })
  })
})
