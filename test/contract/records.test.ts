// Records that an earlier release has written are read, and mean what they meant: the file that they were made of finds nothing to do anew.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { SimulatedMachine } from '../../src/engine/machine.test-support.ts'
import { observedContainer } from '../../src/executor/observe/container.ts'
import { observedNetwork, observedVolume } from '../../src/executor/observe/resources.ts'
import { load } from '../../src/parser/index.ts'
import { planUp } from '../../src/planner/index.ts'

const FOLDER = 'test/contract/records'

/** What each of them was made of, in /home/user/kept. */
const FILE = `name: kept
services:
  web:
    build: bb
    image: app:1
    init: true
    command: [sleep, "1000"]
    environment: {A: b}
    mem_limit: 128m
    restart: on-failure:3
    ports: ["127.0.63.77:18090:80"]
    networks: {front: {aliases: [www]}}
    volumes: [data:/data, /cache]
    healthcheck: {test: ["CMD", "true"], interval: 5s}
    stop_grace_period: 0s
networks: {front: {ipam: {config: [{subnet: 10.213.77.0/24}]}}}
volumes: {data: {labels: {x: y}}}
`

const machines: SimulatedMachine[] = []
afterAll(async () => {
  for (const machine of machines) await machine.end()
})

describe.each(readdirSync(FOLDER))('records of %s', release => {
  const text = (name: string): string => readFileSync(join(FOLDER, release, name), 'utf8')

  test('are read, set nothing aside, and leave nothing to be made anew', async () => {
    const machine = await new SimulatedMachine().prepare()
    machines.push(machine)
    const { id } = JSON.parse(text('container.json')) as { id: string }
    const network = JSON.parse(text('network.json')) as { id: string; name: string }
    const places: readonly (readonly [string, string])[] = [
      [`root/containers/${id}/record.json`, 'container.json'],
      [`root/containers/${id}/state.json`, 'state.json'],
      [`root/networks/${network.id}.json`, 'network.json'],
      ['root/volumes/kept_data/record.json', 'volume.json'],
    ]
    for (const [place, name] of places) {
      mkdirSync(dirname(machine.path(place)), { recursive: true })
      writeFileSync(machine.path(place), text(name))
    }
    mkdirSync(machine.path('root/volumes/kept_data/_data'))
    const { engine, warnings } = await machine.open()
    expect(warnings).toEqual([])
    for (const [place] of places) {
      expect(existsSync(machine.path(place))).toBe(true)
      expect(readdirSync(dirname(machine.path(place))).filter(each => each.endsWith('.broken'))).toEqual([])
    }
    const container = await engine.containers.inspect(id, { size: false, drift: true })
    const digest = container.Config.Labels?.['com.docker.compose.image'] ?? ''
    const observed = {
      project: 'kept',
      containers: [observedContainer(container, true)],
      networks: [observedNetwork({ ...(await engine.networks.inspect(network.id)), TscomposeDrift: [] })],
      volumes: [observedVolume(await engine.volumes.inspect('kept_data'))],
      images: { 'app:1': { id: digest, digest, volumes: [], labels: {} } },
    }
    const { project } = load({
      files: [{ name: '/home/user/kept/compose.yaml', text: FILE }],
      workingDir: '/home/user/kept',
      env: {},
      readFile: () => undefined,
    })
    if (project === undefined) throw new Error('no project')
    expect(planUp(project, observed).operations.map(({ type }) => type)).toEqual(['startContainer'])
  })
})
