import { expect, test } from 'vitest'
import { failure } from '../../diagnostics/index.ts'
import type { EngineContext } from '../state/context.ts'
import { NetworkTable } from '../state/network-table.ts'
import { enginePaths } from '../state/paths.ts'
import { forgetOpening, networksOpened, openNetwork } from './opening.ts'

/** An engine whose firewall answers as told, one answer a run; `runs` counts them. */
function engineWith(...answers: readonly ('ok' | 'refused')[]): {
  engine: Pick<EngineContext, 'firewall' | 'networks' | 'warn'>
  runs: () => number
} {
  let runs = 0
  const apply = async (): Promise<void> => {
    runs += 1
    if (answers[runs - 1] === 'refused') throw failure({ code: 'FIREWALL_FAILED', summary: 'no' })
  }
  const networks = new NetworkTable(enginePaths('/nowhere', '/nowhere'))
  const engine = {
    firewall: { apply, close: () => undefined, endFlowsOf: async () => undefined },
    networks,
    warn: () => undefined,
  }
  return { engine, runs: () => runs }
}

test('a network is opened once, whoever waits for it', async () => {
  const { engine, runs } = engineWith('ok')
  openNetwork(engine, 'a')
  await Promise.all([networksOpened(engine, ['a', 'b']), networksOpened(engine, ['a'])])
  await networksOpened(engine, ['a'])
  expect(runs()).toBe(1)
})

test('the firewall is not at it before whoever made the network has the answer', async () => {
  const { engine, runs } = engineWith('ok')
  openNetwork(engine, 'a')
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
  expect(runs()).toBe(0)
  await networksOpened(engine, ['a'])
  expect(runs()).toBe(1)
})

test('what was refused is tried again before a container runs, and is its failure then', async () => {
  const { engine, runs } = engineWith('refused', 'refused', 'ok')
  openNetwork(engine, 'a')
  await expect(networksOpened(engine, ['a'])).rejects.toMatchObject({ code: 'FIREWALL_FAILED' })
  await networksOpened(engine, ['a'])
  await networksOpened(engine, ['a'])
  expect(runs()).toBe(3)
})

test('a network that is gone is not waited for', async () => {
  const { engine, runs } = engineWith('refused')
  openNetwork(engine, 'a')
  forgetOpening(engine, 'a')
  await networksOpened(engine, ['a'])
  await new Promise(setImmediate)
  expect(runs()).toBe(1)
})
