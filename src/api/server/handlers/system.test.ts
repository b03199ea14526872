import { expect, it } from 'vitest'
import type { SystemBackend } from '../../backend/system.ts'
import type { EventsOptions } from '../../types/index.ts'
import type { ApiRequest } from '../handler.ts'
import { systemHandlers } from './system.ts'

it.each([
  [
    { since: '0', until: '5' },
    { since: 0n, until: 5_000_000_000n },
  ],
  [{ since: '0.0' }, { since: 0n }],
  [{ until: '0' }, { until: 0n }],
  [{}, {}],
])('events from and to the beginning of time are asked for as such: %j', async (query, asked) => {
  const got: EventsOptions[] = []
  const backend = {
    events: (options: EventsOptions) => {
      got.push(options)
      return (async function* () {})()
    },
  } as unknown as SystemBackend
  const request = { query: { ...query, filters: {} }, signal: new AbortController().signal }
  await systemHandlers(backend).events(request as unknown as ApiRequest<'events'>)
  expect(got).toEqual([{ ...asked, filters: {} }])
})
