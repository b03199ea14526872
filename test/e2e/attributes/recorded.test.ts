// What processes of services are on a Docker Engine, service by service: ours are the same.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeSandbox, type Sandbox, showLogOnFailure } from '../harness/sandbox.ts'
import { RECORDED } from './recorded.ts'

const IMAGE = `FROM busybox
RUN mkdir -p /etc /tmp /run && chmod 1777 /tmp && echo root:x:0:0:root:/root:/bin/sh > /etc/passwd && echo app:x:33:44:app:/home/app:/bin/sh >> /etc/passwd && printf 'root:x:0:\\napp:x:44:\\nextra:x:50:app\\nvideo:x:60:\\n' > /etc/group
ENV FROM_IMAGE=1 GONE=here
`

/** Prints what the records have, line by line. */
const LOOK = `
awk '/^(Cap|NoNewPrivs|Seccomp:)/ { sub(":", "", $1); print $1, $2 }' /proc/self/status
id 2>&1
pwd
env | grep -vE '^(HOSTNAME|SHLVL|_|OLDPWD|PATH)=' | sort
cat /proc/1/oom_score_adj
`
const MOUNTS = `
awk '$5 ~ "^/(t1|t2|t3|run|tmp|dev/shm)$" { for (i = 7; $i != "-"; i++); print $5, $6, $(i + 1), $(i + 3) }' /proc/self/mountinfo | sort
`
/** Services of which the mounts are recorded, too. */
const MOUNTING = ['read-only', 'tmpfs-options', 'shm-size']

let sandbox: Sandbox

beforeAll(async () => {
  sandbox = makeSandbox({ env: { PASSED: 'passed' } })
  await sandbox.busybox()
  sandbox.write('Dockerfile', IMAGE)
  const common = { image: 'recorded', command: 'sleep 1000', stop_signal: 'KILL', network_mode: 'none' }
  const services = Object.fromEntries(
    RECORDED.map(({ service, attributes }) => [service, { ...common, ...attributes }]),
  )
  const build = { ...common, build: '.', profiles: ['build'] }
  sandbox.write('compose.yaml', JSON.stringify({ name: 'recorded', services: { ...services, build } }))
  await sandbox.ok('build', 'build')
  await sandbox.ok('up', '-d')
})
afterAll(() => sandbox.close())

test.each(RECORDED.map(each => [each.service, each] as const))('%s', async (service, { told }) => {
  showLogOnFailure(sandbox)
  const look = MOUNTING.includes(service) ? LOOK + MOUNTS : LOOK
  const { stdout } = await sandbox.ok('exec', '-T', service, 'sh', '-c', look)
  expect(
    stdout
      .trimEnd()
      .replaceAll(/,[ug]id=\d+/g, '')
      .split('\n'),
  ).toEqual(told)
})
