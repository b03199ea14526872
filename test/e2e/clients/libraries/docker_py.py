"""docker-py against an engine: python3 docker_py.py SOCKET WORK. Prints which steps failed, and why."""

import io
import json
import os
import socket
import sys
import tarfile
import threading
import time
import traceback

import docker

SOCKET = sys.argv[1]
IMAGE = 'busybox'
ROUNDS = int(os.environ.get('CLIENT_ROUNDS', '1'))
client = docker.DockerClient(base_url='unix://' + SOCKET, timeout=60)
steps = []


def step(function):
    steps.append(function)
    return function


def start(command='sleep 1000', **options):
    return client.containers.run(IMAGE, command, detach=True, **options)


def remove(container):
    container.remove(force=True, v=True)


def equal(got, wanted):
    assert got == wanted, f'got {got!r}, want {wanted!r}'


def refused(status, call):
    try:
        call()
    except docker.errors.APIError as error:
        equal(error.response.status_code, status)
        return
    raise AssertionError(f'it was not refused with {status}')


def archive(**files):
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode='w') as tar:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return target.getvalue()


@step
def knows_the_engine():
    assert client.ping()
    assert client.version()['ApiVersion']
    equal(client.info()['Swarm']['LocalNodeState'], 'inactive')
    assert 'Images' in client.df()


@step
def runs_to_the_end():
    equal(client.containers.run(IMAGE, 'echo hi', remove=True), b'hi\n')
    try:
        client.containers.run(IMAGE, ['sh', '-c', 'echo why >&2; exit 3'], remove=True)
        raise AssertionError('it failed in silence')
    except docker.errors.ContainerError as error:
        equal((error.exit_status, error.stderr), (3, b'why\n'))


@step
def reads_what_a_container_is():
    container = start(
        environment={'A': '1'},
        labels={'l': 'm'},
        mem_limit='64m',
        ports={'80/tcp': None},
        restart_policy={'Name': 'on-failure', 'MaximumRetryCount': 2},
        log_config=docker.types.LogConfig(type='json-file', config={'max-size': '1m'}),
    )
    container.reload()
    host = container.attrs['HostConfig']
    equal((host['Memory'], host['Privileged']), (64 << 20, False))
    equal((host['RestartPolicy']['MaximumRetryCount'], host['LogConfig']['Type']), (2, 'json-file'))
    assert container.attrs['NetworkSettings']['Networks']['bridge']['IPAddress']
    assert container.ports['80/tcp'][0]['HostPort']
    equal((container.labels['l'], container.status), ('m', 'running'))
    remove(container)


@step
def exec_loses_no_byte():
    container = start()
    times = 60 * ROUNDS
    equal(sum(container.exec_run('echo line').output == b'line\n' for _ in range(times)), times)
    remove(container)


@step
def exec_streams_lose_no_byte():
    container = start()
    lost = []

    def work():
        for _ in range(15 * ROUNDS):
            command = ['sh', '-c', 'echo a; echo b >&2; echo c']
            pairs = list(container.exec_run(command, stream=True, demux=True).output)
            out = b''.join(part or b'' for part, _ in pairs)
            err = b''.join(part or b'' for _, part in pairs)
            if (out, err) != (b'a\nc\n', b'b\n'):
                lost.append((out, err))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    equal(lost, [])
    remove(container)


@step
def exec_sockets_close_by_half():
    container = start()
    for _ in range(20):
        raw = container.exec_run('cat', stdin=True, socket=True).output._sock
        raw.sendall(b'hello\n')
        raw.shutdown(socket.SHUT_WR)
        came = b''
        while part := raw.recv(4096):
            came += part
        equal(came, b'\x01\0\0\0\0\0\0\x06hello\n')
        raw.close()
    remove(container)


@step
def exec_says_how_it_ended():
    container = start()
    result = container.exec_run(['sh', '-c', 'id -u; pwd; echo $Q; exit 3'], user='0', workdir='/tmp', environment={'Q': 'q'})
    equal((result.exit_code, result.output), (3, b'0\n/tmp\nq\n'))
    equal(container.exec_run('nosuch').exit_code, 127)
    equal(container.exec_run('echo hi', tty=True).output, b'hi\r\n')
    equal(len(container.exec_run(['sh', '-c', 'head -c 5000000 /dev/zero']).output), 5000000)
    remove(container)


@step
def attaches():
    for _ in range(10 * ROUNDS):
        container = client.containers.create(IMAGE, ['sh', '-c', 'echo one; echo two'])
        output = container.attach(stream=True)
        container.start()
        equal(b''.join(output), b'one\ntwo\n')
        container.remove()
    container = client.containers.create(IMAGE, 'cat', stdin_open=True)
    raw = container.attach_socket(params={'stdin': 1, 'stdout': 1, 'stream': 1})._sock
    container.start()
    raw.sendall(b'typed\n')
    came = b''
    while len(came) < 14:
        came += raw.recv(100)
    equal(came, b'\x01\0\0\0\0\0\0\x06typed\n')
    raw.close()
    remove(container)


@step
def logs_are_lines():
    container = start(['sh', '-c', 'for i in $(seq 200); do echo l$i; done'])
    container.wait()
    equal(len(list(container.logs(stream=True))), 200)
    equal(container.logs(tail=1), b'l200\n')
    equal(container.logs(stdout=False), b'')
    container.remove()


@step
def archives():
    container = start()
    container.put_archive('/tmp', archive(a=b'A' * 100000))
    data, stat = container.get_archive('/tmp/a')
    equal(stat['size'], 100000)
    equal(len(tarfile.open(fileobj=io.BytesIO(b''.join(data))).extractfile('a').read()), 100000)
    refused(404, lambda: container.get_archive('/nowhere'))
    assert b'busybox' in b''.join(container.export())
    remove(container)


@step
def states():
    container = start(name='states')
    refused(409, lambda: start(name='states'))
    container.pause()
    container.unpause()
    container.rename('stated')
    container.restart(timeout=0)
    container.update(mem_limit='100m', memswap_limit='200m')
    assert container.stats(stream=False)['memory_stats']['usage'] > 0
    assert 'PID' in container.top()['Titles']
    container.kill()
    equal(container.wait()['StatusCode'], 137)
    container.remove()
    refused(404, lambda: client.containers.get('stated'))


@step
def images():
    image, _ = client.images.build(
        fileobj=io.BytesIO(b'FROM busybox\nARG V\nRUN echo $V > /v\nCMD cat /v\n'), tag='py:1', buildargs={'V': 'q'}
    )
    equal(client.containers.run('py:1', remove=True), b'q\n')
    saved = b''.join(image.save(named=True))
    client.images.remove('py:1')
    equal(client.images.load(saved)[0].tags, ['py:1'])
    client.images.remove('py:1')
    container = start()
    container.commit('py', '2', changes='ENV A=2')
    assert 'A=2' in client.images.get('py:2').attrs['Config']['Env']
    remove(container)
    client.images.remove('py:2')
    try:
        client.images.build(fileobj=io.BytesIO(b'FROM busybox\nRUN exit 7\n'))
        raise AssertionError('it was built')
    except docker.errors.BuildError as error:
        assert '7' in error.msg, error.msg


@step
def networks_and_volumes():
    network = client.networks.create('py')
    container = start(volumes=['py:/data'])
    network.connect(container, aliases=['other'])
    network.reload()
    equal([each.id for each in network.containers], [container.id])
    refused(403, network.remove)
    refused(409, client.volumes.get('py').remove)
    remove(container)
    network.remove()
    client.volumes.get('py').remove()
    assert {'bridge', 'host', 'none'} <= {each.name for each in client.networks.list()}


@step
def events():
    since = int(time.time()) - 1
    container = start('true', labels={'watched': '1'})
    container.wait()
    container.remove()
    told = client.events(since=since, until=int(time.time()) + 1, decode=True, filters={'label': 'watched'})
    equal([event['Action'] for event in told], ['create', 'start', 'die', 'destroy'])


@step
def no_swarm_and_no_plugins():
    for call in (client.nodes.list, client.services.list, client.secrets.list, client.configs.list, client.swarm.leave):
        refused(503, call)
    equal(client.plugins.list(), [])


@step
def older_versions():
    for version in ('1.24', '1.30', '1.35', '1.41'):
        older = docker.DockerClient(base_url='unix://' + SOCKET, version=version)
        equal(older.containers.run(IMAGE, 'echo ' + version, remove=True), version.encode() + b'\n')
        older.images.list()
        older.info()


failed = []
for each in steps:
    try:
        each()
    except Exception:
        failed.append({'name': each.__name__, 'error': traceback.format_exc()})
print(json.dumps({'done': len(steps), 'failed': failed}))
