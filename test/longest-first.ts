import { existsSync } from 'node:fs'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * Files that take long, the longest first: begun last, one would go on alone when all else is done. `npm test` ends with the
 * list of the slowest, which says what belongs here.
 */
const LONG: readonly string[] = [
  'test/e2e/cluster/swarm.test.ts',
  'test/e2e/engine/lost-host.test.ts',
  'test/e2e/clients/docker-calls.test.ts',
  'test/e2e/faults/injection.test.ts',
  'test/e2e/engine/hand-over.test.ts',
  'test/e2e/project/lamp.test.ts',
  'test/e2e/cluster/managers.test.ts',
  'test/e2e/project/crash.test.ts',
  'test/e2e/project/run.test.ts',
  'test/e2e/clients/libraries.test.ts',
  'test/e2e/networks/foreign-firewalls.test.ts',
  'test/e2e/project/sleep.test.ts',
  'test/e2e/networks/kernel.test.ts',
  'test/e2e/project/gapless.test.ts',
  'test/e2e/project/attached.test.ts',
  'test/e2e/images/build-cache.test.ts',
  'test/e2e/faults/processes.test.ts',
  'test/e2e/project/drift-table.test.ts',
  'test/e2e/containers/probes.test.ts',
  'test/e2e/engine/command-host.test.ts',
  'test/e2e/project/observing.test.ts',
  'test/e2e/project/errors.test.ts',
  'src/engine/adopt/adopt.test.ts',
  'src/cli/commands/deploy/kubernetes.test.ts',
  'src/image/builder/cache.property.test.ts',
  'tools/check/package.test.ts',
]

/** The order of the files of a run: those that take long first, all others as vitest has them. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const gone = LONG.filter(path => !existsSync(path))
    if (gone.length > 0) throw new Error(`${gone.join(', ')}: listed in test/longest-first.ts, and not there`)
    const sorted = await super.sort(files)
    const placeOf = ({ moduleId }: TestSpecification): number => {
      const place = LONG.findIndex(path => moduleId.endsWith(`/${path}`))
      return place === -1 ? LONG.length : place
    }
    return sorted.toSorted((a, b) => placeOf(a) - placeOf(b))
  }
}
