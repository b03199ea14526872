// The engine is started by whichever command comes first. What that one was given of the machine is nothing to containers.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect } from 'vitest'
import { program, requires } from '../../requires.ts'
import { makeSandbox } from '../harness/sandbox.ts'

const LIST = /^Cpus_allowed_list:\t(\S+)$/m
const processors = LIST.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? ''
const SHARE = [
  'cat /proc/$p/oom_score_adj',
  "sed 's/.*) //' /proc/$p/stat | cut -d' ' -f17,39",
  'sed -n "s/^Cpus_allowed_list:.//p" /proc/$p/status',
  'ionice -p $p',
].join('; ')

requires(
  program('choom'),
  program('taskset'),
  program('ionice'),
).test('a container has neither nice, processors, I/O class nor OOM score of who called first', {}, async () => {
  const sandbox = makeSandbox()
  try {
    const [cpu = '0'] = processors.split(/[-,]/)
    const command = [resolve('bin/tscompose'), 'up', '-d', '--build']
    const modest = ['-n', '300', '--', 'nice', '-n', '5', 'ionice', '-c', '3', 'taskset', '-c', cpu]
    // The image before, by the same engine.
    sandbox.write('compose.yaml', 'name: caller\nservices: {a: {image: busybox, command: sleep 1000}}\n')
    execFileSync('choom', [...modest, resolve('bin/tscompose'), 'ps'], {
      env: sandbox.env,
      cwd: sandbox.folder,
    })
    await sandbox.busybox()
    execFileSync('choom', [...modest, ...command], {
      env: sandbox.env,
      cwd: sandbox.folder,
      stdio: 'ignore',
    })
    const usual = `0\n0 0\n${processors}\nnone: prio 0\n`
    for (const process of ['1', 'self']) {
      const asked = SHARE.replaceAll('$p', () => (process === 'self' ? '$$' : process))
      const { stdout } = await sandbox.ok('exec', '-T', 'a', 'sh', '-c', asked)
      expect([process, stdout]).toEqual([process, usual])
    }
  } finally {
    await sandbox.close()
  }
})
