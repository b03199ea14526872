import { afterAll, beforeAll, expect, test } from 'vitest'
import { Docker } from '../../../src/client/index.ts'
import { makeSandbox, type Sandbox, showLogOnFailure } from '../harness/sandbox.ts'

let sandbox: Sandbox
let docker: Docker
beforeAll(async () => {
  sandbox = makeSandbox()
  await sandbox.busybox()
  docker = new Docker({ socketPath: sandbox.socket })
})
afterAll(async () => {
  docker.modem.destroy()
  await sandbox.close()
})

/** A secret in all the places of a service that may hold one. */
function write(secret: string, color: string): void {
  sandbox.write('.env', `S=${secret}\n`)
  sandbox.write(
    'compose.yaml',
    `services:
  web:
    image: busybox
    stop_grace_period: 0s
    entrypoint: [sh, -c, 'exec sleep 600', "\${S}"]
    command: ["--password=\${S}"]
    environment: {DSN: "postgres://u:\${S}@h", COLOR: ${color}, PASSWORD: "\${S}"}
    healthcheck: {test: [CMD, "true", "\${S}"]}
    post_start: [{command: [sh, -c, "true", "\${S}"], environment: {PIN: "\${S}"}}]
    annotations: {a: "\${S}"}
`,
  )
}

test('no value that may be secret is in a label or a plan, and each that changes is told', async () => {
  showLogOnFailure(sandbox)
  write('hunter22', 'red')
  await sandbox.ok('up', '-d')
  const [summary] = await docker.listContainers({ all: true })
  expect(Object.keys(summary?.Labels ?? {})).toContain('com.tscompose.spec')
  expect(JSON.stringify(summary?.Labels)).not.toContain('hunter22')
  expect((await sandbox.run('plan', '--exit-code')).status).toBe(0)

  write('hunter33', 'blue')
  const { stdout } = await sandbox.ok('plan')
  expect(stdout).toContain('environment.COLOR: "red" → "blue"')
  for (const path of ['annotations.a', 'command', 'entrypoint', 'healthcheck.test', 'post_start'])
    expect(stdout).toContain(`${path}: changed`)
  for (const path of ['DSN', 'PASSWORD']) expect(stdout).toContain(`environment.${path}: `)
  expect(stdout + (await sandbox.ok('plan', '--json')).stdout).not.toContain('hunter')
  await sandbox.ok('up', '-d')
  expect((await sandbox.run('plan', '--exit-code')).status).toBe(0)
})
