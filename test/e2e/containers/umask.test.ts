import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'

// Who starts the engine has a umask, and it is no business of what runs in containers.
let sandbox: Sandbox
let before: number

beforeAll(async () => {
  before = process.umask(0o077)
  sandbox = makeSandbox()
  await sandbox.busybox()
})
afterAll(async () => {
  process.umask(before)
  await sandbox.close()
})

test('a user without rights enters the root folder and reads the files of /etc, whatever the umask', async () => {
  sandbox.write(
    'compose.yaml',
    'name: mask\nservices: {app: {image: busybox, user: "1000:1000", volumes: ["data:/data"], command: sleep 60}}\nvolumes: {data: {}}\n',
  )
  await sandbox.ok('up', '-d')
  const seen = await sandbox.ok(
    ...['exec', '-T', 'app', 'sh', '-c'],
    'cd / && ls /data && cat /etc/hosts /etc/resolv.conf /etc/hostname >/dev/null && umask && stat -c %a / /etc /data',
  )
  expect(seen.stdout).toBe('0022\n755\n755\n755\n')
  await sandbox.ok('down', '-v')
})
