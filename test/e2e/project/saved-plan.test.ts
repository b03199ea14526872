// A plan that is kept in a file and executed later: exactly that one, or none.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'

let box: Sandbox

beforeAll(async () => {
  box = makeSandbox()
  await box.busybox()
  await box.hold()
})
afterAll(() => box.close())

const file = (value: string): string => `services:
  web:
    image: busybox
    init: true
    command: [sleep, "1000"]
    environment: {TOKEN: "${value}"}
  other:
    image: busybox
    init: true
    command: [sleep, "1000"]
`
const running = async (): Promise<string> => (await box.ok('ps', '-q')).stdout

test('a saved plan is executed as it was shown, once, and by no other state', async () => {
  box.write('compose.yaml', file('first-secret'))
  expect((await box.run('plan', '-o', 'plan.json', '--detailed-exitcode')).status).toBe(2)
  expect(await running()).toBe('')
  expect(readFileSync(join(box.folder, 'plan.json'), 'utf8')).not.toContain('first-secret')
  await box.ok('up', '-d', '--plan', 'plan.json')
  const first = await running()
  expect(first.trim().split('\n')).toHaveLength(2)
  expect((await box.run('plan', '--detailed-exitcode')).status).toBe(0)

  // It has been done: the state is another.
  const again = await box.run('up', '-d', '--plan', 'plan.json')
  expect([again.status, again.stderr.match(/container project-(web|other)-1 is new/g)?.length]).toEqual([
    1, 2,
  ])

  box.write('compose.yaml', file('second-secret'))
  await box.ok('plan', '-o', 'plan.json')
  await box.ok('stop', '-t', '0', 'other')
  const moved = await box.run('up', '-d', '--plan', 'plan.json')
  expect([moved.status, moved.stderr]).toEqual([
    1,
    expect.stringMatching(/container project-other-1 is another/),
  ])
  await box.ok('start', 'other')
  box.write('compose.yaml', file('third-secret'))
  const changed = await box.run('up', '-d', '--plan', 'plan.json')
  expect([changed.status, changed.stderr]).toEqual([
    1,
    expect.stringMatching(/PLAN_MOVED[\s\S]*project-web-1/),
  ])
  expect(await running()).toBe(first)

  box.write('compose.yaml', file('second-secret'))
  await box.ok('plan', '-o', 'plan.json')
  await box.ok('up', '-d', '--plan', 'plan.json')
  expect(await running()).not.toBe(first)
  expect((await box.run('plan', '--detailed-exitcode')).status).toBe(0)
  expect((await box.run('up', '-d', '--plan', 'plan.json', 'web')).status).not.toBe(0)
})
