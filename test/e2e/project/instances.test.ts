// Several projects of the same files side by side, and two folders with the same name.

import { cpSync, readdirSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Docker } from '../../../src/client/index.ts'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'

let sandbox: Sandbox

beforeAll(async () => {
  sandbox = makeSandbox()
  await sandbox.busybox()
  await sandbox.hold()
  sandbox.write(
    'compose.yaml',
    `name: shop
services:
  web:
    image: busybox
    stop_grace_period: 0s
    command: [sh, -c, 'hostname > /data/index.html; exec httpd -f -p 80 -h /data']
    ports: ["18081:80"]
    volumes: [data:/data]
    networks: [front]
volumes: {data: {}}
networks: {front: {}}
`,
  )
})
afterAll(() => sandbox.close())

async function answerOf(address: string): Promise<string> {
  return await new Promise((resolve, reject) => {
    request({ host: address, port: 18081 }, response => {
      let text = ''
      response.setEncoding('utf8').on('data', part => {
        text += part
      })
      response.on('end', () => resolve(text.trim()))
    })
      .on('error', reject)
      .end()
  })
}

interface Listed {
  readonly Name: string
  readonly Instance: string
  readonly Address: string
}

async function listed(): Promise<Listed[]> {
  return JSON.parse((await sandbox.ok('ls', '--format', 'json')).stdout) as Listed[]
}

test('instances of the same files run side by side, each with its ports at an address of its own', async () => {
  const names = ['a', 'b', 'c']
  await Promise.all(names.map(name => sandbox.ok('up', '-d', '--instance', name)))
  const all = await listed()
  expect(all.map(({ Name, Instance }) => [Name, Instance])).toEqual(names.map(name => [`shop-${name}`, name]))
  expect(new Set(all.map(({ Address }) => Address)).size).toBe(3)
  const answers = await Promise.all(all.map(({ Address }) => answerOf(Address)))
  expect(new Set(answers).size).toBe(3)
  expect((await sandbox.ok('ls')).stdout).toContain(all[0]?.Address)
  // What a command line publishes is no more open than what the file does.
  await sandbox.ok('run', '-d', '--instance', 'b', '--name', 'one', '-p', '18084:80', 'web')
  const oneOff = await new Docker({ socketPath: sandbox.socket }).getContainer('one').inspect()
  expect(oneOff.NetworkSettings.Ports?.['80/tcp']).toEqual([{ HostIp: all[1]?.Address, HostPort: '18084' }])
  // What follows finds each of them, by flag before and behind the command.
  const one = await sandbox.ok('--instance', 'a', 'ps', '--format', '{{.Name}}')
  expect(one.stdout).toBe('shop-a-web-1\n')
  expect((await sandbox.ok('port', '--instance', 'b', 'web', '80')).stdout).toBe(`${all[1]?.Address}:18081\n`)
  expect((await sandbox.ok('plan', '--instance', 'b', '--exit-code')).status).toBe(0)
  await sandbox.ok('--instance', 'a', 'snapshot', 'save', 'one')
  await sandbox.ok('-p', 'shop-a', 'exec', 'web', 'sh', '-c', 'echo kept > /data/kept')
  await sandbox.ok('--instance', 'b', 'up', '-d', '--from', 'shop-a/one')
  expect((await sandbox.ok('--instance', 'b', 'exec', 'web', 'ls', '/data')).stdout).toBe('index.html\n')
  await sandbox.ok('down', '-v', '--instance', 'a')
  expect((await listed()).map(({ Name }) => Name)).toEqual(['shop-b', 'shop-c'])
  const kept = readdirSync(join(sandbox.env['TSCOMPOSE_ROOT'] ?? '', 'instances'))
  expect(kept.sort()).toEqual(
    all
      .slice(1)
      .map(({ Address }) => Address)
      .sort(),
  )
  expect(await answerOf(all[1]?.Address ?? '')).not.toBe('')
  // The project itself has its ports everywhere: it is told the way out before anything is made.
  const plain = await sandbox.run('up', '-d')
  expect([plain.status, plain.stderr]).toEqual([1, expect.stringContaining('TSCOMPOSE_PUBLISH=loopback')])
  expect((await listed()).map(({ Name }) => Name)).toEqual(['shop-b', 'shop-c'])
  for (const name of ['b', 'c']) await sandbox.ok('--instance', name, 'down', '-v')
  await sandbox.ok('-p', 'shop-a', 'snapshot', 'rm', 'one')
})

test.each([
  ['name', '    container_name: only', /NAME_IN_USE .*fixed\.yaml:4:\d+ services\.web\.container_name/, 1],
  ['subnet', '    networks: [front]', /IPAM_OVERLAP .*fixed\.yaml:9:\d+ networks\.front/, 2],
])('what the file gives one %s is told at its line', async (_, line, told, addresses) => {
  const text = `services:
  web:
    image: busybox
${line}
    stop_grace_period: 0s
    command: [sleep, '1000']
networks:
  front:
    ipam: {config: [{subnet: 10.213.77.0/24}]}
`
  sandbox.write('fixed.yaml', text)
  const own = (name: string, ...words: string[]): string[] => [
    '-f',
    'fixed.yaml',
    '--instance',
    name,
    ...words,
  ]
  await sandbox.ok(...own('a', 'up', '-d'))
  const refused = await sandbox.run(...own('b', 'up', '-d'))
  expect([refused.status, refused.stderr]).toEqual([1, expect.stringMatching(told)])
  // What is refused before anything is made takes no address.
  const kept = readdirSync(join(sandbox.env['TSCOMPOSE_ROOT'] ?? '', 'instances'))
  expect(kept).toHaveLength(addresses)
  for (const name of ['a', 'b']) await sandbox.ok(...own(name, 'down'))
})

test('two folders with one name refuse each other with both paths, unless the name is given', async () => {
  const other = join(sandbox.folder, 'other')
  const instance = ['--instance', 'a'] as const
  await sandbox.ok('up', '-d')
  await sandbox.ok(...instance, 'create')
  sandbox.write('other/.keep', '')
  cpSync(join(sandbox.folder, 'compose.yaml'), join(other, 'compose.yaml'))
  const there = ['-f', 'other/compose.yaml'] as const
  const changing = [
    ['up', '-d'],
    ['down'],
    ['stop'],
    ['plan'],
    ['up', '-d', '--from', 'first'],
    ...['save', 'restore', 'rm'].map(word => ['snapshot', word, 'first']),
    ['cp', 'compose.yaml', 'web:/tmp'],
    ['commit', 'web'],
    [...instance, 'snapshot', 'restore', 'first'],
  ]
  for (const words of changing) {
    const refused = await sandbox.run(...there, ...words)
    expect([words, refused.status, refused.stderr]).toEqual([
      words,
      1,
      expect.stringContaining('PROJECT_OF_OTHER_FOLDER'),
    ])
    expect(refused.stderr).toContain(`that of ${sandbox.folder}, and this is ${other}`)
  }
  expect((await sandbox.ok('ps', '-q')).stdout).not.toBe('')
  // Who gives the name means it.
  for (const word of ['save', 'restore', 'rm'])
    await sandbox.ok('-p', 'shop', ...there, 'snapshot', word, 'first')
  await sandbox.ok('-p', 'shop', ...there, 'down', '-v')
  await sandbox.ok(...instance, 'down', '-v')
  expect((await sandbox.ok('ps', '-q')).stdout).toBe('')
})
