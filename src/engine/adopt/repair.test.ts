import { expect, test } from 'vitest'
import type { EngineContext } from '../state/context.ts'
import { repairLeftovers } from './repair.ts'

test('an engine that has closed sets nothing right any more: all of it is the next one’s', async () => {
  const warnings: string[] = []
  // Whatever a step looks at is not there.
  const engine = { warn: ({ code }: { code: string }) => void warnings.push(code) }
  await repairLeftovers(engine as unknown as EngineContext, { folders: [], untold: [] }, AbortSignal.abort())
  expect(warnings).toEqual([])
})
