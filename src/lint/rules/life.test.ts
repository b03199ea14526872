import { describeRule, services } from '../rule-cases.test-support.ts'

const CHECKED = 'db: {image: "x:1", healthcheck: {test: [CMD, ok]}}'

describeRule('START_RACE', {
  found: {
    'a name in a list': [
      services(`a: {image: x:1, depends_on: [db]}, ${CHECKED}`),
      'services.a.depends_on.db',
    ],
    'a link': [services(`a: {image: x:1, links: ["db:d"]}, ${CHECKED}`), 'services.a.depends_on.db'],
  },
  passed: {
    'a wait for health': services(
      `a: {image: x:1, depends_on: {db: {condition: service_healthy}}}, ${CHECKED}`,
    ),
    'service_started as it is written': services(
      `a: {image: x:1, depends_on: {db: {condition: service_started}}}, ${CHECKED}`,
    ),
    'a service without a check, or with one that is off': services(
      'a: {image: x:1, depends_on: [b, c]}, b: {image: x:1}, c: {image: x:1, healthcheck: {disable: true}}',
    ),
    'a network that is shared': services(`a: {image: x:1, network_mode: "service:db"}, ${CHECKED}`),
  },
})

describeRule('HEALTH_NEVER_KNOWN', {
  found: {
    'a wait for a check that is off': [
      services(
        'a: {image: x:1, depends_on: {b: {condition: service_healthy}}}, b: {image: x:1, healthcheck: {test: [NONE]}}',
      ),
      'services.a.depends_on.b.condition',
    ],
  },
  passed: {
    "the image's own check, which the file does not show": services(
      'a: {image: x:1, depends_on: {b: {condition: service_healthy}}}, b: {image: x:1}',
    ),
  },
})

describeRule('NO_START_PERIOD', {
  found: {
    'little patience, and a late first check': [
      services(
        'a: {image: x:1, healthcheck: {test: [CMD, ok], interval: 5s}}, b: {image: x:1, healthcheck: {test: [CMD, ok]}}',
      ),
      'services.a.healthcheck',
      'services.b.healthcheck',
    ],
  },
  passed: {
    'a start period': services('a: {image: x:1, healthcheck: {test: [CMD, ok], start_period: 10s}}'),
    'quick checks with patience': services(
      'a: {image: x:1, healthcheck: {test: [CMD, ok], interval: 5s, retries: 20}}',
    ),
    'a check that is off': services('a: {image: x:1, healthcheck: {disable: true}}'),
  },
})

describeRule('ONE_SHOT_RESTARTS', {
  found: {
    'a migration that is always restarted': [
      services(
        'a: {image: x:1, depends_on: {m: {condition: service_completed_successfully}}}, m: {image: x:1, restart: always}',
      ),
      'services.a.depends_on.m.condition',
    ],
  },
  passed: {
    'a restart after failures': services(
      'a: {image: x:1, depends_on: {m: {condition: service_completed_successfully}}}, m: {image: x:1, restart: on-failure}',
    ),
  },
})

describeRule('RESTART_IGNORED', {
  found: {
    'restart beside a policy, and a policy without a condition': [
      services(
        'a: {image: x:1, restart: always, deploy: {restart_policy: {condition: on-failure}}}, b: {image: x:1, deploy: {restart_policy: {delay: 5s}}}',
      ),
      'services.a.restart',
      'services.b.deploy.restart_policy',
    ],
  },
  passed: { 'one of the two': services('a: {image: x:1, restart: always}') },
})

describeRule('PID1_IGNORES_SIGTERM', {
  found: {
    'dash, which forks even a plain command': [
      services(`a: {image: "debian:12", command: sh -c "npm start"}`),
      'services.a.command',
    ],
    'a loop, a pipe, a background job, whatever the shell': [
      services(
        `a: {image: "alpine:3", command: [sh, -c, "while true; do x; done"]}, b: {image: "alpine:3", entrypoint: [bash, -c, "a | b"]}, c: {image: "alpine:3", command: [ash, -c, "a & wait"]}`,
      ),
      'services.a.command',
      'services.b.entrypoint',
      'services.c.command',
    ],
    'an entrypoint of sh -c': [
      services('a: {image: "debian:12", entrypoint: [/bin/sh, -ec], command: ["a; b"]}'),
      'services.a.command',
    ],
  },
  passed: {
    exec: services('a: {image: "debian:12", command: [sh, -c, "a && exec b"]}'),
    'what only keeps the container alive, and loses nothing when it is killed at once': services(
      'a: {image: x:1, command: sleep infinity}, b: {image: x:1, command: tail -f /dev/null}, c: {image: x:1, command: [bash, -c, "a && sleep 1d"]}, d: {image: x:1, command: bash, tty: true}',
    ),
    'a trap': services(
      'a: {image: "debian:12", command: [sh, -c, "trap exit TERM; while :; do sleep 1; done"]}',
    ),
    'an init': services('a: {image: x:1, init: true, command: sleep infinity}'),
    'bash and BusyBox, which exec a plain last command': services(
      'a: {image: x:1, command: [bash, -c, "a && b"]}, b: {image: "node:22-alpine", command: [sh, -c, "a || true; b > /log"]}',
    ),
    'operators within quotes': services(`a: {image: x:1, command: [bash, -c, "run 'a | b'"]}`),
    'a script file, which may exec': services('a: {image: x:1, command: [sh, /start.sh]}'),
    'what others wait to finish': services(
      'a: {image: x:1, depends_on: {m: {condition: service_completed_successfully}}}, m: {image: "debian:12", command: sh -c "migrate"}',
    ),
    'SIGKILL from the start': services('a: {image: x:1, stop_signal: SIGKILL, command: sleep infinity}'),
    'a process that is not the first of its namespace': services(
      'a: {image: x:1, pid: host, command: sleep infinity}',
    ),
  },
})

describeRule('IMAGE_NOT_PINNED', {
  found: {
    'no tag, and latest': [
      services('a: {image: nginx}, b: {image: "host:5000/x/y:latest"}, c: {image: "host:5000/x"}'),
      'services.a.image',
      'services.b.image',
      'services.c.image',
    ],
  },
  passed: {
    'a tag or a digest': services(
      `a: {image: "nginx:1.27"}, b: {image: "nginx@sha256:${'0'.repeat(64)}"}, c: {image: "host:5000/x:2"}`,
    ),
    'an image that is built here, under its own name or another service': services(
      'a: {image: app, build: .}, b: {image: app}',
    ),
    'an image that is never pulled': services('a: {image: app, pull_policy: never}'),
  },
})

describeRule('FIXED_CONTAINER_NAME', {
  found: { 'a name': [services('a: {image: x:1, container_name: name}'), 'services.a.container_name'] },
  passed: { none: services('a: {image: x:1}') },
})
