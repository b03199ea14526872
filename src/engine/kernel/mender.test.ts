import { expect, test } from 'vitest'
import type { EngineContext } from '../state/context.ts'
import { Mender } from './mender.ts'

test('what comes back five times within a minute is left alone, until an up has put it right', async () => {
  const told: string[] = []
  const repaired: string[] = []
  let now = 0
  const network = { id: 'n', name: 'front', labels: { 'com.docker.compose.project': 'shop' } }
  const engine = {
    networks: { values: () => [network], find: () => undefined },
    containers: new Map(),
    locks: {
      busy: () => false,
      run: (_: string, work: () => Promise<void>) => {
        repaired.push('again')
        return work()
      },
    },
    warn: ({ code }: { readonly code?: string }) => told.push(code ?? ''),
  } as unknown as EngineContext
  const mender = new Mender(engine, {
    now: () => now,
    observe: async () => [{ Path: 'bridge.state', Want: 'up', Got: 'down', Repair: 'place' }],
  })
  for (let round = 0; round < 8; round += 1) {
    now += 1_000
    await mender.mend('shop')
  }
  expect([repaired.length, told]).toEqual([5, ['DRIFT_RETURNS']])
  mender.forget('n', ['bridge.state'])
  await mender.mend('shop')
  expect(repaired.length).toBe(6)
  now += 120_000
  for (let round = 0; round < 8; round += 1) {
    now += 20_000
    await mender.mend('shop')
  }
  expect([repaired.length, told]).toEqual([14, ['DRIFT_RETURNS']])
})
