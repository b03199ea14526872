import { describeRule, services } from '../rule-cases.test-support.ts'

describeRule('HOST_PORT_TWICE', {
  found: {
    'one port of the host for two services': [
      services('a: {image: x:1, ports: ["80:80"]}, b: {image: x:1, ports: ["80:8080"]}'),
      'services.b.ports[0]',
    ],
    'all addresses and one of them': [
      services('a: {image: x:1, ports: ["127.0.0.1:80:80"]}, b: {image: x:1, ports: ["0.0.0.0:80:80"]}'),
      'services.b.ports[0]',
    ],
    'one service that wants it for two ports': [
      services('a: {image: x:1, ports: ["80:80", "80:81"]}'),
      'services.a.ports[1]',
    ],
  },
  passed: {
    'tcp and udp': services('a: {image: x:1, ports: ["53:53", "53:53/udp"]}'),
    'two addresses': services(
      'a: {image: x:1, ports: ["127.0.0.1:80:80"]}, b: {image: x:1, ports: ["127.0.0.2:80:80"]}',
    ),
    'IPv4 and IPv6': services(
      'a: {image: x:1, ports: ["0.0.0.0:80:80"]}, b: {image: x:1, ports: ["[::]:80:80"]}',
    ),
    'a range, of which a free one is taken': services(
      'a: {image: x:1, ports: ["8000-8010:80"]}, b: {image: x:1, ports: ["8000-8010:80"]}',
    ),
    'a service of a profile that is not active': services(
      'a: {image: x:1, ports: ["80:80"]}, b: {image: x:1, profiles: [p], ports: ["80:80"]}',
    ),
    'what an override adds, which is told as that': [
      services('a: {image: x:1, ports: ["80:80"]}'),
      services('a: {ports: ["127.0.0.1:80:80"]}'),
    ],
  },
})

describeRule('FIXED_PORT_SCALED', {
  found: {
    'replicas that want one port': [
      services(
        'a: {image: x:1, ports: ["80:80"], deploy: {replicas: 3}}, b: {image: x:1, scale: 2, ports: ["81:80"]}',
      ),
      'services.a.ports[0]',
      'services.b.ports[0]',
    ],
    'more replicas than a range has ports': [
      services('a: {image: x:1, scale: 3, ports: ["8000-8001:80"]}'),
      'services.a.ports[0]',
    ],
  },
  passed: {
    'a range, or a port that the engine picks': services(
      'a: {image: x:1, scale: 2, ports: ["8000-8001:80", "81"]}',
    ),
    'one container': services('a: {image: x:1, scale: 1, ports: ["80:80"]}'),
  },
})

describeRule('PORTS_NOT_PUBLISHED', {
  found: {
    "ports with the host's network or another service's": [
      services(
        'a: {image: x:1, network_mode: host, ports: ["80:80"]}, b: {image: x:1, network_mode: "service:a", ports: ["81:80"]}',
      ),
      'services.a.ports',
      'services.b.ports',
    ],
  },
  passed: { 'a bridge': services('a: {image: x:1, network_mode: bridge, ports: ["80:80"]}') },
})

describeRule('NETWORK_MODE_UNKNOWN', {
  found: {
    'a word that is nothing': [services('a: {image: x:1, network_mode: hots}'), 'services.a.network_mode'],
    'a prefix that is none': [
      services('a: {image: x:1}, b: {image: x:1, network_mode: "sevice:a"}'),
      'services.b.network_mode',
    ],
    'a network by its name in the file': [
      `${services('a: {image: x:1, network_mode: back}')}\nnetworks: {back: {}}`,
      'services.a.network_mode',
    ],
    'a service without the word before it': [
      services('a: {image: x:1}, b: {image: x:1, network_mode: a}'),
      'services.b.network_mode',
    ],
  },
  passed: {
    modes: services(
      'a: {image: x:1, network_mode: host}, b: {image: x:1, network_mode: none}, c: {image: x:1, network_mode: bridge}, d: {image: x:1, network_mode: default}',
    ),
    'containers and services': services(
      'a: {image: x:1, network_mode: "container:other"}, b: {image: x:1, network_mode: "service:a"}',
    ),
    'a network by the name that the engine has it by': `${services('a: {image: x:1, network_mode: p_back}, b: {image: x:1, network_mode: shared}')}\nnetworks: {back: {}, out: {name: shared, external: true}}`,
  },
})

describeRule('DATABASE_PORT_OPEN', {
  found: {
    'the port of a database, by its image': [
      services('a: {image: "elasticsearch:8.1.0", ports: ["9200:9200", "9201:9300"]}'),
      'services.a.ports[0]',
      'services.a.ports[1]',
    ],
    'a port that tells the database where the image does not': [
      services('a: {build: ., ports: ["15432:5432"]}'),
      'services.a.ports[0]',
    ],
  },
  passed: {
    'an address that is written': services(
      'a: {image: "redis:7", ports: ["127.0.0.1:6379:6379"]}, b: {image: "redis:7", ports: ["0.0.0.0:6380:6379"]}',
    ),
    'a port of many programs': services('a: {image: x:1, ports: ["9200:9200"]}'),
    'another port of a database': services('a: {image: "neo4j:5", ports: ["7474:7474"]}'),
  },
})

describeRule('PORT_ON_EVERY_INTERFACE', {
  found: {
    'a port without an address, told once for a range': [
      services('a: {image: x:1, ports: ["3000:3000", "8000-8005:8000-8005"]}'),
      'services.a.ports[0]',
      'services.a.ports[1]',
    ],
  },
  passed: {
    'an address that is written': services('a: {image: x:1, ports: ["127.0.0.1:80:80", "0.0.0.0:81:81"]}'),
    'a database, which has a rule of its own': services('a: {image: "postgres:16", ports: ["5432:5432"]}'),
    'what a web server has': services('a: {image: x:1, ports: ["80:80", "8443:443"]}'),
  },
})

describeRule('LEGACY_LINKS', {
  found: { links: [services('a: {image: x:1, links: [b]}, b: {image: x:1}'), 'services.a.links'] },
  passed: { depends_on: services('a: {image: x:1, depends_on: [b]}, b: {image: x:1}') },
})
