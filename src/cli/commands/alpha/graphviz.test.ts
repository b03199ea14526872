import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runInProcess } from '../../run.test-support.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tscompose-viz-'))
  writeFileSync(
    join(folder, 'compose.yaml'),
    `
name: shop
services:
  web:
    image: nginx:alpine
    ports: ["8080:80", "443", "127.0.0.1:53:53/udp"]
    depends_on: [app, db]
    networks: [front, back]
  app: {build: ., depends_on: {db: {condition: service_started, required: false}}}
  db: {image: mysql, network_mode: none}
networks: {front: {}, back: {}}
`,
  )
})
afterAll(() => rmSync(folder, { recursive: true }))

const viz = (...options: string[]): ReturnType<typeof runInProcess> =>
  runInProcess(['alpha', 'viz', ...options], folder)

test('a graph has a box for each service and an arrow to what it depends on', async () => {
  expect((await viz()).stdout).toBe(`digraph "shop" {
\tlayout=dot;
\t"app" [style="filled" label=<<font point-size="15">app</font>>];
\t"db" [style="filled" label=<<font point-size="15">db</font>>];
\t"web" [style="filled" label=<<font point-size="15">web</font>>];

\t"app" -> "db";
\t"web" -> "app";
\t"web" -> "db";
}
`)
})

test('networks, ports and images stand in the boxes, where a service has them', async () => {
  const { stdout } = await viz('--networks', '--ports', '--image', '--spaces', '--indentation-size=2')
  const part = (title: string, ...lines: string[]): string =>
    `<font point-size="10"><br/><br/><b>${title}:</b><br/>${lines.join('<br/>')}</font>`
  const ports = ['8080:80 (tcp, ingress)', ':443 (tcp, ingress)', '127.0.0.1:53:53 (udp, ingress)']
  expect(stdout.split('\n')).toContain(
    `  "web" [style="filled" label=<<font point-size="15">web</font>${part('Networks', 'back', 'front')}${part('Ports', ...ports)}${part('Image', 'nginx:alpine')}>];`,
  )
  expect(stdout).toContain(`<font point-size="15">db</font>${part('Image', 'mysql')}>`)
  expect(stdout).toContain(`${part('Networks', 'default')}${part('Image', 'shop-app')}>`)
})

test('a negative indentation is refused', async () => {
  expect((await viz('--indentation-size=-1')).stderr).toContain('FLAG_VALUE')
})
