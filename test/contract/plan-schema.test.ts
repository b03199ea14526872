// Plans as JSON against the schema that says what they are.
import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import type { Service } from '../../src/model/index.ts'
import { type Plan, planDown, planToJson, planUp } from '../../src/planner/index.ts'
import { makeProject } from '../../src/planner/testing/projects.ts'
import { emptyWorld, imageOf, simulate } from '../../src/planner/testing/simulate.ts'

const SCHEMA = JSON.parse(readFileSync('schemas/plan.schema.json', 'utf8')) as object
const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(SCHEMA)

const IMAGES = { 'example/web': imageOf('web'), 'example/db': imageOf('db') }
const project = (web: Partial<Service>) =>
  makeProject({
    services: { web, db: { volumes: [{ type: 'volume', source: 'data', target: '/d' }] } },
    volumes: { data: {} },
  })
const world = simulate(planUp(project({}), emptyWorld('lamp', IMAGES)), emptyWorld('lamp', IMAGES), {
  adapts: ['HostConfig.Memory'],
})

const drift = [{ path: 'link', want: 'up', got: 'down', repair: 'place' }] as const
const drifted = { ...world, networks: world.networks.map(each => ({ ...each, drift })) }

test.each<[string, Plan]>([
  ['makes all', planUp(project({}), emptyWorld('lamp'))],
  ['does nothing', planUp(project({}), world)],
  ['changes what runs', planUp(project({ mem_limit: '67108864' }), world)],
  ['puts right what has drifted', planUp(project({}), drifted)],
  ['replaces a container', planUp(project({ environment: { A: 'b' } }), world)],
  ['builds anew', planUp(project({ build: { context: '.' } }), world, { build: 'always' })],
  ['takes all away', planDown(project({}), world, { volumes: true })],
])('a plan that %s is as its schema says', (_, plan) => {
  validate(planToJson(plan))
  expect(validate.errors ?? []).toEqual([])
})

test('says of each field how it reaches a container, and of each operation what it costs', () => {
  const changes = (web: Partial<Service>) =>
    planUp(project(web), world).operations.flatMap(each =>
      each.changes.map(({ path, reach }) => [path, reach?.kind]),
    )
  expect(changes({ mem_limit: '67108864' })).toEqual([['mem_limit', 'hot']])
  expect(changes({ mem_limit: '67108864', environment: { A: 'b' } })).toContainEqual([
    'environment',
    'recreate',
  ])
  const costs = (plan: Plan) =>
    (planToJson(plan)['operations'] as { id: string; interrupts: boolean; losesData: string[] }[])
      .filter(({ interrupts, losesData }) => interrupts || losesData.length > 0)
      .map(({ id, losesData }) => [id, ...losesData])
  expect(costs(planUp(project({ mem_limit: '67108864' }), world))).toEqual([])
  expect(costs(planUp(project({ environment: { A: 'b' } }), world))).toEqual([['container:lamp-web-1:stop']])
  expect(costs(planDown(project({}), world, { volumes: true }))).toContainEqual([
    'volume:lamp_data:remove',
    'lamp_data',
  ])
})
