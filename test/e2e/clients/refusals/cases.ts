/** A request that an engine may refuse; `prepares`: its answer is no matter. */
export interface Refusal {
  readonly name: string
  readonly method: string
  readonly path: string
  /** Text as it is, all else as JSON. */
  readonly body?: unknown
  readonly prepares?: true
}

/** What the containers of the cases are made of: an image with `sleep`. */
export const IMAGE = 'refusals:1'

const CREATE = { Image: IMAGE, Cmd: ['sleep', '1000'] }
const ask = (name: string, call: string, body?: unknown): Refusal => {
  const [method = '', path = ''] = call.split(' ')
  return { name, method, path, body }
}
const prepare = (call: string, body?: unknown): Refusal => ({ ...ask(call, call, body), prepares: true })
const text = (value: string): string => encodeURIComponent(value)

/** A container with something that may be wrong, which is removed again. */
const create = (name: string, body: Readonly<Record<string, unknown>>): readonly Refusal[] => [
  ask(name, 'POST /containers/create?name=refused-2', { ...CREATE, ...body }),
  prepare('DELETE /containers/refused-2'),
]
/** The same with a number that JavaScript has no way to write. */
const number = (field: string, value: string): readonly Refusal[] => [
  ask(
    `${field} ${value}`,
    'POST /containers/create?name=refused-2',
    `{"Image":"${IMAGE}","Cmd":["sleep","1"],"HostConfig":{"${field}":${value}}}`,
  ),
  prepare('DELETE /containers/refused-2'),
]
const network = (name: string, config: Readonly<Record<string, unknown>>, more = {}): readonly Refusal[] => [
  ask(name, 'POST /networks/create', { Name: 'refused-n', IPAM: { Config: [config] }, ...more }),
  prepare('DELETE /networks/refused-n'),
]

const STARTS: readonly Refusal[] = [
  ask('start with a body', 'POST /containers/refused/start', { HostConfig: {} }),
  ask('start with an empty body', 'POST /containers/refused/start', {}),
  ask('start again', 'POST /containers/refused/start'),
]

const NETWORKS: readonly Refusal[] = [
  prepare('POST /networks/create', { Name: 'a b/c' }),
  ask('network with a slash', 'GET /networks/nosuch%20b/c'),
  ask('remove a network with a slash', 'DELETE /networks/a%20b/c'),
  ask('network without a name', 'POST /networks/create', { Name: '' }),
  ...network('host bits', { Subnet: '10.217.3.5/24' }),
  ...network('host bits of IPv6', { Subnet: 'fd00:217::5/64' }, { EnableIPv6: true }),
  ...network('host bits of a range', { Subnet: '10.217.3.0/24', IPRange: '10.217.3.9/28' }),
  ...network('gateway outside', { Subnet: '10.217.3.0/24', Gateway: '10.218.3.1' }),
  ...['bridge', 'host', 'none'].flatMap(name => [
    ask(`remove ${name}`, `DELETE /networks/${name}`),
    ask(`make ${name}`, 'POST /networks/create', { Name: name }),
  ]),
  ask('driver host', 'POST /networks/create', { Name: 'refused-n', Driver: 'host' }),
  prepare('POST /networks/create', { Name: 'refused-net' }),
  ask('connect', 'POST /networks/refused-net/connect', { Container: 'refused' }),
  ask('connect twice', 'POST /networks/refused-net/connect', { Container: 'refused' }),
  ask('connect to host', 'POST /networks/host/connect', { Container: 'refused' }),
  ask('connect to none', 'POST /networks/none/connect', { Container: 'refused' }),
  ask('connect nobody', 'POST /networks/refused-net/connect', {}),
  prepare('POST /networks/create', {
    Name: 'refused-n',
    IPAM: { Config: [{ Subnet: '10.219.3.0/24' }] },
  }),
  ...['10.218.3.9', '10.219.3.1', 'nonsense', 'fd00::1'].map(IPv4Address =>
    ask(`connect as ${IPv4Address}`, 'POST /networks/refused-n/connect', {
      Container: 'refused',
      EndpointConfig: { IPAMConfig: { IPv4Address } },
    }),
  ),
  prepare('DELETE /networks/refused-n'),
  ask('disconnect', 'POST /networks/refused-net/disconnect', { Container: 'refused' }),
  ask('disconnect twice', 'POST /networks/refused-net/disconnect', { Container: 'refused' }),
  ask('disconnect from host', 'POST /networks/host/disconnect', { Container: 'refused' }),
]

const FILTERS = ['[]', '3', '"x"', 'null', '{"a":1}', '{"label":{"x":"y"}}', '{"label":[1]}', '{']
const QUERIES: readonly Refusal[] = [
  ...FILTERS.map(value => ask(`filters ${value}`, `GET /volumes?filters=${text(value)}`)),
  ...['[]', '{"nosuch":["a"]}', '{"__proto__":["a"]}', '{"constructor":{"a":true}}'].flatMap(value => [
    ask(`filters of containers ${value}`, `GET /containers/json?filters=${text(value)}`),
    ask(`filters of networks ${value}`, `GET /networks?filters=${text(value)}`),
    ask(`filters of images ${value}`, `GET /images/json?filters=${text(value)}`),
  ]),
  ...['abc', '1.5', '99999999999999999999'].map(value =>
    ask(`t=${value}`, `POST /containers/refused/stop?t=${value}`),
  ),
  ask('restart', 'POST /containers/refused/restart?t=x'),
  ask('limit', 'GET /containers/json?limit=x'),
  ask('limit of a search', 'GET /images/search?term=a&limit=x'),
  ask('since of a log', 'GET /containers/refused/logs?stdout=1&since=x'),
  ask('until of a log', 'GET /containers/refused/logs?stdout=1&until=x'),
  ask('log of nothing', 'GET /containers/refused/logs'),
  ask('since of events', 'GET /events?since=x&until=1'),
  ask('events that end before they begin', 'GET /events?since=10&until=1'),
  ...['h=x&w=1', '', 'h=-1&w=1', 'h=99999999999&w=1'].map(query =>
    ask(`resize ${query}`, `POST /containers/refused/resize?${query}`),
  ),
  ask('condition', 'POST /containers/refused/wait?condition=x'),
  ask('signal of a stop', 'POST /containers/refused/stop?signal=x'),
  ask('signal of a kill', 'POST /containers/refused/kill?signal=x'),
  ask('rename to nothing', 'POST /containers/refused/rename'),
  ask('archive of nothing', 'GET /containers/refused/archive'),
  ask('options', 'OPTIONS /containers/json'),
  ask('options of nothing', 'OPTIONS /nosuch'),
  ask('another method', 'PUT /containers/json', {}),
]

const EXECS: readonly Refusal[] = [
  ask('exec of nothing', 'POST /containers/refused/exec', {}),
  ask('keys of an exec', 'POST /containers/refused/exec', { Cmd: ['true'], DetachKeys: 'foo' }),
  ask('key that is none', 'POST /containers/refused/exec', { Cmd: ['true'], DetachKeys: 'ctrl-1' }),
]

const LARGEST = '9223372036854775807'
const CREATES: readonly Refusal[] = [
  ...create('bind to a relative path', { HostConfig: { Binds: ['x:relative'] } }),
  ...create('relative anonymous volume', { Volumes: { relative: {} } }),
  ...create('relative mount', { HostConfig: { Mounts: [{ Type: 'volume', Target: 'relative' }] } }),
  ...create('unknown kind of check', { Healthcheck: { Test: ['FOO'] } }),
  ...create('a check too often', { Healthcheck: { Test: ['CMD', 'true'], Interval: 1 } }),
  ...create('a check with less than none', { Healthcheck: { Test: ['CMD', 'true'], Retries: -1 } }),
  ...['Memory', 'CpuShares', 'ShmSize'].flatMap(field => number(field, LARGEST)),
  ...number('Memory', '1152921504606846976'),
  ...number('Memory', '"64m"'),
  ...number('CpuShares', '-1'),
  ...number('BlkioWeight', '65536'),
  ...number('OomScoreAdj', '1001'),
  ...create('names in lower case', { hostconfig: { binds: ['x:relative'] } }),
  ...create('names in capitals', { HOSTCONFIG: { OOMSCOREADJ: 1001 } }),
  ...create('a field twice, wrong at last', { HostConfig: { Binds: [], binds: ['x:relative'] } }),
  ...create('a field twice, right at last', { HostConfig: { binds: ['x:relative'], Binds: [] } }),
  ...create('an object twice', { HostConfig: { OomScoreAdj: 1001 }, hostconfig: { Binds: [] } }),
  ...create('keys of a map', { Labels: { hostconfig: 'x', HostConfig: 'y' } }),
  ...create(
    'the names of objects',
    JSON.parse('{"__proto__":{"HostConfig":{"OomScoreAdj":1001}},"constructor":"x"}'),
  ),
]

/** More that Docker's daemon says itself, before it asks anything of the kernel. */
const MORE_CREATES: readonly Refusal[] = [
  ...['a_b!c', '-a', 'a/b'].flatMap(Hostname => create(`hostname ${Hostname}`, { Hostname })),
  ...create('a time to stop before now', { StopTimeout: -5 }),
  ...['=x', ''].flatMap(entry => create(`variable "${entry}"`, { Env: [entry] })),
  ...create('link with three parts', { HostConfig: { Links: ['a:b:c'] } }),
  ...['/a:/b:zz', '/a:/b:ro,rw', ':/b'].flatMap(bind =>
    create(`bind ${bind}`, { HostConfig: { Binds: [bind] } }),
  ),
  ...['x', 'x:y'].flatMap(option =>
    create(`security option ${option}`, { HostConfig: { SecurityOpt: [option] } }),
  ),
  ...create('room of the writable layer', { HostConfig: { StorageOpt: { size: '1G' } } }),
  ...create('annotation without a name', { HostConfig: { Annotations: { '': 'x' } } }),
  ...create('shared memory below nothing', { HostConfig: { ShmSize: -1 } }),
  ...['PidMode', 'UTSMode', 'CgroupnsMode', 'IpcMode'].flatMap(field =>
    create(`${field} x`, { HostConfig: { [field]: 'x' } }),
  ),
  ...create('an entrypoint of nothing', { Entrypoint: [''], Cmd: [] }),
  ...create('port x', { HostConfig: { PortBindings: { x: [] } } }),
  ...['x', '99999'].flatMap(HostPort =>
    create(`host port ${HostPort}`, { HostConfig: { PortBindings: { '80/tcp': [{ HostPort }] } } }),
  ),
  ...['x', 'a:b'].flatMap(host => create(`extra host ${host}`, { HostConfig: { ExtraHosts: [host] } })),
  ask('name /', 'POST /containers/create?name=/', CREATE),
  ask('image in capitals', 'POST /containers/create', { ...CREATE, Image: 'UP' }),
  ask('memory where there was no limit', 'POST /containers/refused/update', { Memory: 64 << 20 }),
]

const GARBAGE = 'garbage '.repeat(200)
const ARCHIVES: readonly Refusal[] = [
  ...['short', GARBAGE].flatMap(body => {
    const [word = ''] = body.split(' ')
    return [
      ask(`unpack ${word}`, 'PUT /containers/refused/archive?path=/', body),
      ask(`load ${word}`, 'POST /images/load', body),
      ask(`import ${word}`, 'POST /images/create?fromSrc=-&repo=refused', body),
    ]
  }),
  ask('unpack onto a file', 'PUT /containers/refused/archive?path=/bin/busybox', GARBAGE),
  ask('unpack nowhere', 'PUT /containers/refused/archive?path=/nosuch', GARBAGE),
]

const PATHS: readonly Refusal[] = [
  ...['//x', '/containers//json', '/./info', '/a/../info', '/containers/%2e%2e/json'].map(path =>
    ask(`path ${path}`, `GET ${path}`),
  ),
  ask('until of a prune', `POST /build/prune?filters=${text('{"until":["x"]}')}`),
]

/** In their order; a container `refused` is made before. */
export const REFUSALS: readonly Refusal[] = [
  prepare('POST /containers/create?name=refused', CREATE),
  ...STARTS,
  ...EXECS,
  ...NETWORKS,
  ...QUERIES,
  ...CREATES,
  ...MORE_CREATES,
  ...ARCHIVES,
  ...PATHS,
]

/** What is left of them when the engine stopped in the middle. */
export const LEFT: readonly Refusal[] = [
  prepare('DELETE /containers/refused?force=1'),
  prepare('DELETE /containers/refused-2?force=1'),
  prepare('DELETE /networks/refused-net'),
  prepare('DELETE /networks/refused-n'),
  prepare('DELETE /networks/a%20b/c'),
]
