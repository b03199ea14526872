import { expect, test } from 'vitest'
import type { Service } from '../model/index.ts'
import type { Observed, Plan } from '../planner/index.ts'
import { tellNames } from './told-names.ts'

const SERVICES: Readonly<Record<string, Partial<Service>>> = {
  app: {},
  db: { networks: { shared: { aliases: ['Database'] }, inner: null }, hostname: 'sql.lan' },
  cache: { container_name: 'the-cache' },
}

/** What the engine is told, which knows `known`; containers are there of these services, and come of those. */
async function told(
  known: readonly string[] | undefined,
  {
    present = [],
    made = [],
  }: { readonly present?: readonly string[]; readonly made?: readonly string[] } = {},
): Promise<readonly string[] | undefined> {
  let names: readonly string[] | undefined
  const docker = {
    tellNames: async (_project: string, given: readonly string[]) => {
      names = given
    },
  }
  const operations = made.map(serviceName => ({ type: 'createContainer', oneOff: false, serviceName }))
  const containers = present.map(service => ({ service, oneOff: false }))
  await tellNames(
    { docker, project: { name: 'lamp', model: { services: SERVICES } } } as never,
    { operations } as unknown as Plan,
    { containers, ...(known === undefined ? {} : { names: known }) } as unknown as Observed,
  )
  return names
}

const OF_DB = ['database', 'database.lamp', 'db', 'db.lamp', 'lamp-db-1', 'sql.lan']

test('services of the file that have no container, and get none, are told by all their names', async () => {
  const names = [...OF_DB, 'cache', 'cache.lamp', 'the-cache'].sort()
  expect(await told([], { made: ['app'] })).toEqual(names)
  expect(await told([], { made: ['cache'], present: ['app'] })).toEqual(OF_DB)
})

test('nothing is told that is known, to another engine, or where all have one; what is true no more is', async () => {
  expect(await told(OF_DB, { present: ['app', 'cache'] })).toBeUndefined()
  expect(await told(undefined, { made: ['app'] })).toBeUndefined()
  const all = { present: ['app', 'cache'], made: ['db'] }
  expect(await told([], all)).toBeUndefined()
  expect(await told(OF_DB, all)).toEqual([])
})
