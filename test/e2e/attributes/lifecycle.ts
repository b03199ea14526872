import { expect } from 'vitest'
import { eventually } from '../harness/eventually.ts'
import type { AttributeCase, Seen } from './case.ts'

/** Waits until the service's container is as asked. */
const until =
  (state: object) =>
  async ({ docker, inspect: { Id } }: Seen) => {
    await eventually(`it is ${JSON.stringify(state)}`, async () => {
      expect((await docker.getContainer(Id).inspect()).State).toMatchObject(state)
      return true
    })
  }
const restarts =
  (count: number) =>
  async ({ docker, inspect: { Id } }: Seen) => {
    await eventually(
      `it was restarted ${count} times`,
      async () => (await docker.getContainer(Id).inspect()).RestartCount >= count,
    )
  }

/** Health, restarts, order, hooks, and the end. */
export const LIFECYCLE: readonly AttributeCase[] = [
  {
    service: 'healthy',
    shows: ['healthcheck.test', 'healthcheck.start_interval', 'healthcheck.start_period'],
    attributes: {
      // Only the interval of the start period can see this within the test's time.
      healthcheck: { test: '[ -e /ready ]', interval: '1h', start_period: '1h', start_interval: '50ms' },
      command: 'sh -c "sleep 0.3; touch /ready; exec sleep 1000"',
    },
    host: until({ Health: expect.objectContaining({ Status: 'healthy' }) }),
  },
  {
    service: 'unhealthy',
    shows: ['healthcheck.interval', 'healthcheck.timeout', 'healthcheck.retries'],
    attributes: {
      healthcheck: { test: ['CMD', 'sleep', '1000'], interval: '50ms', timeout: '100ms', retries: 2 },
    },
    host: until({ Health: expect.objectContaining({ Status: 'unhealthy' }) }),
  },
  {
    service: 'unchecked',
    shows: ['healthcheck.disable'],
    attributes: {
      image: 'attributes-checked',
      build: { dockerfile_inline: 'FROM busybox\nHEALTHCHECK CMD false' },
      healthcheck: { disable: true },
    },
    host: ({ inspect }) => expect(inspect.State.Health?.Status ?? 'none').toBe('none'),
  },
  {
    service: 'always',
    shows: ['restart'],
    attributes: { restart: 'always', command: 'true' },
    host: restarts(2),
  },
  {
    service: 'on-failure',
    shows: ['restart'],
    attributes: { restart: 'on-failure:2', command: 'sh -c "exit 5"' },
    host: async seen => {
      await restarts(2)(seen)
      await until({ Status: 'exited', ExitCode: 5 })(seen)
    },
  },
  {
    service: 'never',
    shows: ['restart'],
    attributes: { restart: 'no', command: 'sh -c "exit 4"' },
    host: until({ Status: 'exited', ExitCode: 4 }),
  },
  {
    service: 'unless-stopped',
    shows: ['restart'],
    attributes: { restart: 'unless-stopped', command: 'true' },
    host: restarts(1),
  },
  {
    service: 'policy',
    shows: ['deploy.restart_policy.condition', 'deploy.restart_policy.max_attempts'],
    attributes: {
      deploy: { restart_policy: { condition: 'on-failure', max_attempts: 1 } },
      command: 'sh -c "exit 6"',
    },
    host: async seen => {
      await restarts(1)(seen)
      await until({ Status: 'exited', ExitCode: 6 })(seen)
    },
  },
  {
    service: 'graceful',
    shows: ['stop_signal', 'stop_grace_period'],
    attributes: {
      stop_signal: 'USR1',
      stop_grace_period: '30s',
      command: ['sh', '-c', 'trap "echo asked; exit 9" USR1; while :; do sleep 0.1; done'],
      depends_on: { healthy: { condition: 'service_healthy' } },
    },
    // SIGUSR1 is the tenth signal, and caught once the trap is set.
    inside: { 'until grep -qE "SigCgt:.*[2367abef]..$" /proc/1/status; do sleep 0.1; done': '' },
    host: async ({ docker, inspect: { Id, Config } }) => {
      expect(Config.StopTimeout).toBe(30)
      await docker.getContainer(Id).stop()
      expect((await docker.getContainer(Id).inspect()).State).toMatchObject({ Status: 'exited', ExitCode: 9 })
    },
  },
  {
    service: 'impatient',
    shows: ['stop_grace_period'],
    attributes: {
      stop_signal: 'TERM',
      stop_grace_period: '1s',
      command: ['sh', '-c', 'trap "" TERM; while :; do sleep 0.1; done'],
    },
    host: async ({ docker, inspect: { Id } }) => {
      await docker.getContainer(Id).stop()
      expect((await docker.getContainer(Id).inspect()).State).toMatchObject({ ExitCode: 137 })
    },
  },
  {
    service: 'ordered',
    shows: ['depends_on.*.condition', 'depends_on.*.required', 'depends_on.*.restart', 'profiles'],
    attributes: {
      depends_on: {
        first: { condition: 'service_completed_successfully' },
        healthy: { condition: 'service_healthy', restart: true },
        second: { condition: 'service_started' },
        missing: { condition: 'service_started', required: false },
      },
      command: 'sh -c "cat /order/first; exec sleep 1000"',
      volumes: ['order:/order'],
    },
    beside: {
      first: { command: 'sh -c "sleep 0.3; echo first > /order/first"', volumes: ['order:/order'] },
      second: {},
      missing: { profiles: ['never'] },
    },
    top: { volumes: { order: {} } },
    log: 'first\n',
  },
  {
    service: 'hooked',
    shows: [
      'post_start.command',
      'post_start.environment',
      'post_start.privileged',
      'post_start.user',
      'post_start.working_dir',
      'pre_start.command',
      'pre_start.environment',
      'pre_start.image',
      'pre_start.privileged',
      'pre_start.user',
      'pre_start.working_dir',
    ],
    attributes: {
      volumes: ['hooks:/hooks'],
      user: '33',
      pre_start: [
        {
          command: [
            'sh',
            '-c',
            'chmod 777 /hooks; echo "pre $WORD $(id -u) $(pwd)" > /hooks/pre; mount -t tmpfs x /mnt && echo mounted >> /hooks/pre',
          ],
          environment: { WORD: 'one' },
          image: 'busybox',
          user: '0',
          privileged: true,
          working_dir: '/mnt',
        },
      ],
      post_start: [
        {
          command: [
            'sh',
            '-c',
            'echo "post $WORD $(id -u) $(pwd)" > /hooks/post; grep CapEff /proc/self/status >> /hooks/post',
          ],
          environment: ['WORD=two'],
          user: '0',
          privileged: true,
          working_dir: '/tmp',
        },
      ],
    },
    top: { volumes: { hooks: {} } },
    inside: {
      'cat /hooks/pre; head -1 /hooks/post': 'pre one 0 /mnt\nmounted\npost two 0 /tmp\n',
      'grep -c "CapEff.*ff$" /hooks/post': '1\n',
    },
  },
  {
    service: 'farewell',
    shows: [
      'pre_stop.command',
      'pre_stop.environment',
      'pre_stop.privileged',
      'pre_stop.user',
      'pre_stop.working_dir',
    ],
    attributes: {
      volumes: ['hooks:/hooks'],
      stop_signal: 'KILL',
      pre_stop: [
        {
          command: [
            'sh',
            '-c',
            'echo "stop $WORD $(id -u) $(pwd)" > /hooks/stop; grep -c "CapEff.*ff$" /proc/self/status >> /hooks/stop',
          ],
          environment: { WORD: 'three' },
          user: '0',
          privileged: true,
          working_dir: '/tmp',
        },
      ],
      depends_on: ['hooked'],
    },
    top: { volumes: { hooks: {} } },
    host: async ({ sandbox, inside }) => {
      await sandbox.ok('stop', 'farewell')
      expect(await inside('hooked', 'cat /hooks/stop')).toBe('stop three 0 /tmp\n1\n')
    },
  },
  {
    service: 'logged',
    shows: ['logging.driver', 'logging.options'],
    attributes: {
      logging: { driver: 'json-file', options: { 'max-size': '4k', 'max-file': '2' } },
      command: [
        'sh',
        '-c',
        'i=0; while [ $i -lt 2000 ]; do echo "line $i of the log"; i=$((i+1)); done; exec sleep 1000',
      ],
    },
    log: /^(?!.*line 0 of)[\s\S]*line 1999 of the log\n$/,
  },
  {
    service: 'unlogged',
    shows: ['logging.driver'],
    attributes: { logging: { driver: 'none' }, command: 'sh -c "echo gone; exec sleep 1000"' },
    host: ({ inspect }) => expect(inspect.LogPath).toBe(''),
  },
  {
    service: 'many',
    shows: ['scale'],
    attributes: { scale: 2 },
    host: async ({ docker }) => {
      const label = ['com.docker.compose.service=many']
      expect(await docker.listContainers({ filters: { label } })).toHaveLength(2)
    },
  },
  {
    service: 'replicated',
    shows: ['deploy.replicas', 'deploy.mode'],
    attributes: { deploy: { replicas: 3, mode: 'replicated' } },
    host: async ({ docker }) => {
      const label = ['com.docker.compose.service=replicated']
      expect(await docker.listContainers({ filters: { label } })).toHaveLength(3)
    },
  },
]
