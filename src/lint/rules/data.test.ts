import { describeRule, services } from '../rule-cases.test-support.ts'

describeRule('DATABASE_WITHOUT_VOLUME', {
  found: {
    'a database with no mount, or with another one alone': [
      services(
        'a: {image: "postgres:16"}, b: {image: "docker.io/library/mysql:8", volumes: ["./init:/docker-entrypoint-initdb.d"]}, c: {image: "mongo:7", volumes: ["/data/db"]}',
      ),
      'services.a.image',
      'services.b.image',
      'services.c.image',
    ],
  },
  passed: {
    'a volume at the folder, above it or below it': `services: {a: {image: "postgres:16", volumes: ["data:/var/lib/postgresql/data"]}, b: {image: "mysql:8", volumes: ["./d:/var/lib"]}}\nvolumes: {data: {}}`,
    'data that is moved': services(
      'a: {image: "postgres:16", environment: {PGDATA: /pg}, volumes: ["./d:/pg"]}',
    ),
    'memory, where the data may go': services('a: {image: "postgres:16", tmpfs: /var/lib/postgresql/data}'),
    'a cache': services('a: {image: "redis:7"}'),
  },
})

describeRule('SECRET_IN_ENVIRONMENT', {
  found: {
    'passwords, tokens and keys': [
      `services:\n  a:\n    image: x:1\n    environment:\n      DB_PASSWORD: hunter2\n      API_TOKEN: abc\n      AWS_SECRET_ACCESS_KEY: abc\n      PGPASSWORD: x\n`,
      'services.a.environment.DB_PASSWORD',
      'services.a.environment.API_TOKEN',
      'services.a.environment.AWS_SECRET_ACCESS_KEY',
      'services.a.environment.PGPASSWORD',
    ],
    'one value that services share, once': [
      `x-env: &env\n  DB_PASSWORD: hunter2\nservices:\n  a: {image: x:1, environment: *env}\n  b: {image: x:1, environment: *env}\n`,
      'services.a.environment.DB_PASSWORD',
    ],
  },
  passed: {
    'a value from elsewhere': services(
      'a: {image: x:1, environment: {DB_PASSWORD: "${PW:-dev}", PG_PASSWORD: }}, b: {image: x:1, environment: [PG_PASSWORD]}',
    ),
    'an env file, which need not be committed': services('a: {image: x:1, env_file: secrets.env}'),
    'a file, a switch, a lifetime, an identifier, a placeholder': services(
      'a: {image: x:1, environment: {DB_PASSWORD_FILE: /run/secrets/x, PASSWORD: /run/secrets/x, ALLOW_EMPTY_PASSWORD: "yes", TOKEN_TTL: 3600s, AWS_ACCESS_KEY_ID: AKIA, API_KEY: <key>}}',
    ),
  },
})

describeRule('SECRET_IN_BUILD_ARGS', {
  found: {
    'a token, wherever its value comes from': [
      services('a: {build: {context: ., args: {NPM_TOKEN: "${T:-x}"}}}'),
      'services.a.build.args.NPM_TOKEN',
    ],
  },
  passed: { 'other arguments': services('a: {build: {context: ., args: {VERSION: "2"}}}') },
})

describeRule('ENGINE_SOCKET', {
  found: {
    'the socket, read-only too': [
      services('a: {image: x:1, volumes: ["/var/run/docker.sock:/var/run/docker.sock:ro"]}'),
      'services.a.volumes[0]',
    ],
    'the socket of Podman and ours': [
      services('a: {image: x:1, volumes: ["/run/podman/podman.sock:/s", "/run/tscompose/engine.sock:/t"]}'),
      'services.a.volumes[0]',
      'services.a.volumes[1]',
    ],
  },
  passed: {
    'a proxy in front of it': services(
      'a: {image: "tecnativa/docker-socket-proxy:1", volumes: ["/var/run/docker.sock:/var/run/docker.sock"]}',
    ),
    'another socket': services('a: {image: x:1, volumes: ["/run/mysqld/mysqld.sock:/s"]}'),
  },
})

describeRule('PRIVILEGED', {
  found: { privileged: [services('a: {image: x:1, privileged: true}'), 'services.a.privileged'] },
  passed: { 'not privileged': services('a: {image: x:1, privileged: false}') },
})

describeRule('ISOLATION_WEAKENED', {
  found: {
    'capabilities, options and namespaces': [
      services(
        'a: {image: x:1, cap_add: [NET_ADMIN, CAP_SYS_ADMIN], security_opt: ["seccomp:unconfined"], pid: host}',
      ),
      'services.a.cap_add[1]',
      'services.a.security_opt[0]',
      'services.a.pid',
    ],
  },
  passed: {
    less: services('a: {image: x:1, cap_add: [NET_ADMIN], security_opt: ["no-new-privileges:true"]}'),
    'a privileged container, which is told as that': services(
      'a: {image: x:1, privileged: true, cap_add: [ALL]}',
    ),
  },
})

describeRule('WIDE_BIND', {
  found: {
    'everything, a home, a folder of the system': [
      services('a: {image: x:1, volumes: ["/:/host:ro", "~:/me", "/home/you:/you", "/etc:/conf"]}'),
      'services.a.volumes[0]',
      'services.a.volumes[1]',
      'services.a.volumes[2]',
      'services.a.volumes[3]',
    ],
  },
  passed: {
    'a part': services(
      'a: {image: x:1, volumes: ["~/.ssh/known_hosts:/k", "/etc/localtime:/etc/localtime", ".:/app"]}',
    ),
    'a look at the system': services(
      'a: {image: x:1, volumes: ["/proc:/host/proc:ro", "/sys:/host/sys:ro"]}',
    ),
  },
})

const SECTIONS = [
  ['UNUSED_VOLUME', 'volumes', '{}', 'volumes: ["one:/d"]'],
  ['UNUSED_NETWORK', 'networks', '{}', 'networks: [one]'],
  ['UNUSED_SECRET', 'secrets', '{file: ./f}', 'secrets: [one]'],
  ['UNUSED_CONFIG', 'configs', '{file: ./f}', 'configs: [one]'],
  ['UNUSED_MODEL', 'models', '{model: ai/m}', 'models: [one]'],
] as const

for (const [code, section, resource, use] of SECTIONS)
  describeRule(code, {
    found: {
      'what no service names': [
        `services: {a: {image: x:1}}\n${section}: {one: ${resource}}`,
        `${section}.one`,
      ],
    },
    passed: {
      'what a service names': `services: {a: {image: x:1, ${use}}}\n${section}: {one: ${resource}}`,
      'what a service of another profile names': `services: {a: {image: x:1}, b: {image: x:1, profiles: [p], ${use}}}\n${section}: {one: ${resource}}`,
    },
  })
