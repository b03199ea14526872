import { setTimeout as pause } from 'node:timers/promises'
import { Failure } from '../../../diagnostics/index.ts'
import { LASTING_THINGS } from '../../kernel/index.ts'
import { tellMended } from '../../kernel/mended.ts'
import { driftOf, seeContainer } from '../../kernel/observe.ts'
import { repairContainer } from '../../kernel/repair.ts'
import type { Container } from '../../state/container.ts'
import type { EngineContext } from '../../state/context.ts'

/** Between two looks are so many times the time after which it falls asleep, and at least and at most so many milliseconds: each is a process of a moment. */
const LOOKS_EACH = 5
const SOONEST = 5_000
const LATEST = 60_000

/**
 * Keeps what the next run of a container stands on as it was made, while it sleeps without a process: who took that away would take the client away whom it is
 * there for, and nobody else looks. Begun anew with each sleep.
 */
export async function keepReady(engine: EngineContext, container: Container): Promise<void> {
  const { live, terms } = container
  const since = live?.status?.finishedAt
  const between = Math.min(LATEST, Math.max(SOONEST, (terms.sleep?.freeze ?? LATEST) * LOOKS_EACH))
  for (;;) {
    await pause(between, undefined, { ref: false })
    if (engine.closing.aborted || container.live !== live || !container.restsWithoutProcess) return
    if (live?.status?.finishedAt !== since) return
    await makeReady(engine, container)
  }
}

/** Puts that right once, of one that sleeps so or has just woken. What fails is a warning: the next look tries again. */
export async function makeReady(engine: EngineContext, container: Container): Promise<void> {
  try {
    const mended = await engine.locks.run(container.id, async () => {
      if (!container.active || container.removing) return []
      const drift = await driftOf(LASTING_THINGS, await seeContainer(engine, container))
      const paths = drift.flatMap(({ Path, Repair }) => (Repair === 'place' ? [Path] : []))
      return paths.length === 0 ? [] : await repairContainer(engine, container, paths)
    })
    tellMended(engine, container, mended)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    const summary = `${container.name}, which sleeps at times, is not put right: ${error.message}`
    engine.warn({ severity: 'warning', code: error.code, summary })
  }
}
