import { describeRule, services } from '../rule-cases.test-support.ts'

describeRule('OVERRIDE_APPENDS', {
  found: {
    'another port of the host for the same one of the container': [
      [services('a: {image: x:1, ports: ["80:80"]}'), services('a: {ports: ["8080:80"]}')],
      'services.a.ports[1]',
    ],
    'the same port on another address': [
      [services('a: {image: x:1, ports: ["80:80"]}'), services('a: {ports: ["127.0.0.1:80:80"]}')],
      'services.a.ports[1]',
    ],
    'a second address of a host': [
      [
        services('a: {image: x:1, extra_hosts: ["h=10.0.0.1"]}'),
        services('a: {extra_hosts: ["h=10.0.0.2"]}'),
      ],
      'services.a.extra_hosts[1]',
    ],
    'a second profile of seccomp, and a name server behind another': [
      [
        services('a: {image: x:1, security_opt: ["seccomp=a.json"], dns: [1.1.1.1]}'),
        services('a: {security_opt: ["seccomp=b.json"], dns: [8.8.8.8]}'),
      ],
      'services.a.security_opt[1]',
      'services.a.dns[1]',
    ],
    'what the last of three files adds to the second': [
      [
        services('a: {image: x:1, ports: ["443:443"]}'),
        services('a: {ports: ["80:80"]}'),
        services('a: {ports: ["8080:80"]}'),
      ],
      'services.a.ports[2]',
    ],
    'what a service adds to the one that it extends': [
      services('a: {image: x:1, ports: ["80:80"]}, b: {extends: a, ports: ["8080:80"]}'),
      'services.b.ports[1]',
    ],
  },
  passed: {
    'two ports in one list': services('a: {image: x:1, ports: ["80:80", "8080:80"]}'),
    'another port of the container': [
      services('a: {image: x:1, ports: ["80:80"]}'),
      services('a: {ports: ["443:443"]}'),
    ],
    'a list that replaces': [
      services('a: {image: x:1, ports: ["80:80"]}'),
      services('a: {ports: !override ["8080:80"]}'),
    ],
    'tcp and udp': [services('a: {image: x:1, ports: ["53:53"]}'), services('a: {ports: ["53:53/udp"]}')],
    'a mount, which does replace the one at its target': [
      services('a: {image: x:1, volumes: ["./a:/d"]}'),
      services('a: {volumes: ["./b:/d"]}'),
    ],
  },
})

describeRule('QUOTES_IN_VALUE', {
  found: {
    'quotes around a value in a list': [
      `services:\n  a:\n    image: x:1\n    environment:\n      - A="b c"\n      - B='{"x":1}'\n`,
      'services.a.environment.A',
      'services.a.environment.B',
    ],
    'build arguments and labels': [
      `services:\n  a:\n    build: {context: ., args: ['A="b"']}\n    labels: ['l="x"']\n`,
      'services.a.build.args.A',
      'services.a.labels.l',
    ],
  },
  passed: {
    'quotes around the whole item': services(`a: {image: x:1, environment: ["A=b c"]}`),
    'quotes inside': services(`a: {image: x:1, environment: ['A=say "x" twice']}`),
    'quotes within quotes of a mapping, which are meant': services(
      `a: {image: x:1, environment: {A: '"b"'}}`,
    ),
  },
})

describeRule('NUMBER_REWRITTEN', {
  found: {
    'a version that ends in 0': [
      services('a: {image: x:1, environment: {V: 1.10}}'),
      'services.a.environment.V',
    ],
    'octal, hexadecimal and an exponent': [
      `services:\n  a:\n    image: x:1\n    environment:\n      O: 0644\n      H: 0x1F\n      E: 1e3\n`,
      'services.a.environment.O',
      'services.a.environment.H',
      'services.a.environment.E',
    ],
    'a build argument and a label': [
      services('a: {build: {context: ., args: {V: 3.10}}, labels: {v: 1.0}}'),
      'services.a.build.args.V',
      'services.a.labels.v',
    ],
  },
  passed: {
    quotes: services('a: {image: x:1, environment: {V: "1.10", W: \'1.0\'}}'),
    'numbers that stay what they are': services('a: {image: x:1, environment: {P: 8080, F: 1.5, N: -3}}'),
    'a list, where all is text': services('a: {image: x:1, environment: [V=1.10, O=0644]}'),
    'texts that only start like a number': services(
      'a: {image: x:1, environment: {A: 1.10.0, B: 10s, C: 22:22}}',
    ),
    'an env file': services('a: {image: x:1, env_file: secrets.env}'),
  },
})

describeRule('NO_SHELL', {
  found: {
    'an operator in a list of words': [
      services('a: {image: x:1, command: [npm, install, "&&", npm, start]}'),
      'services.a.command',
    ],
    'a whole script as one word': [
      services('a: {image: x:1, entrypoint: ["npm install && npm start"]}'),
      'services.a.entrypoint',
    ],
    'a health check by CMD with an operator or a variable': [
      services(
        'a: {image: x:1, healthcheck: {test: [CMD, curl, -f, "http://x", "||", exit, "1"]}}, b: {image: x:1, healthcheck: {test: [CMD, pg_isready, -U, "$$POSTGRES_USER"]}}',
      ),
      'services.a.healthcheck.test',
      'services.b.healthcheck.test',
    ],
    'a script that was cut into words': [
      services('a: {image: x:1, entrypoint: [sh, -c], command: [migrate, "&&", serve]}'),
      'services.a.command',
    ],
    'a hook': [
      services('a: {image: x:1, post_start: [{command: [a, "|", b]}]}'),
      'services.a.post_start[0].command',
    ],
  },
  passed: {
    'a shell': services('a: {image: x:1, command: [sh, -c, "a && b $$HOME"]}'),
    'env that calls a shell, with options': services(
      'a: {image: x:1, command: [/usr/bin/env, bash, -o, pipefail, -c, "a | b"]}',
    ),
    'CMD-SHELL': services('a: {image: x:1, healthcheck: {test: [CMD-SHELL, "curl x || exit 1"]}}'),
    'arguments of an entrypoint, which are its own affair': services(
      'a: {image: x:1, entrypoint: [/run.sh], command: [a, "&&", b]}',
    ),
    'operators of another language': services(
      `a: {image: x:1, command: [mongosh, --eval, "a && b; db.c.update({$$set: {d: 1}})"]}`,
    ),
  },
})

describeRule('LOCALHOST_IS_THE_CONTAINER', {
  found: {
    'an address of a database that another service runs': [
      services(
        'a: {image: x:1, environment: {DATABASE_URL: "postgres://u:p@localhost:5432/d"}}, db: {image: postgres:16}',
      ),
      'services.a.environment.DATABASE_URL',
    ],
    'with a driver in the scheme, or as a host by itself': [
      services(
        'a: {image: x:1, environment: {U: "mysql+pymysql://127.0.0.1/d", REDIS_HOST: localhost}}, db: {image: mariadb:11}, r: {image: redis:7}',
      ),
      'services.a.environment.U',
      'services.a.environment.REDIS_HOST',
    ],
  },
  passed: {
    "the other service's name": services(
      'a: {image: x:1, environment: {U: "postgres://db/d"}}, db: {image: postgres:16}',
    ),
    'no service with that database': services(
      'a: {image: x:1, environment: {U: "postgres://localhost/d"}}, db: {image: mysql:8}',
    ),
    "the host's network, or that of the database": services(
      'a: {image: x:1, network_mode: host, environment: {U: "redis://localhost"}}, b: {image: x:1, network_mode: "service:r", environment: {U: "redis://localhost"}}, r: {image: redis:7}',
    ),
    'an address for browsers': services(
      'a: {image: x:1, environment: {API: "http://localhost:5432"}}, db: {image: postgres:16}',
    ),
  },
})
