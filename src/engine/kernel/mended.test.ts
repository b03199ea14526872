import { expect, test } from 'vitest'
import { tellMended } from './mended.ts'

test('what is put right of a container or network is told to who follows its project', () => {
  const told: unknown[] = []
  const engine = { watch: { mended: (...words: unknown[]) => told.push(words) } } as never
  const labels = { 'com.docker.compose.project': 'shop', 'com.docker.compose.service': 'web' }
  const drift = [{ Path: 'x', Want: 'up', Got: 'down', Repair: 'place' }] as const
  const container = (Labels: object) => ({ name: 'shop-web-1', record: { config: { Labels } } }) as never
  tellMended(engine, container(labels), drift)
  tellMended(engine, { name: 'shop_front', labels: { 'com.docker.compose.project': 'shop' } } as never, drift)
  tellMended(engine, container(labels), [])
  tellMended(engine, container({}), drift)
  expect(told).toEqual([
    ['shop', { Kind: 'container', Name: 'shop-web-1', Service: 'web', Drift: drift }],
    ['shop', { Kind: 'network', Name: 'shop_front', Drift: drift }],
  ])
})
