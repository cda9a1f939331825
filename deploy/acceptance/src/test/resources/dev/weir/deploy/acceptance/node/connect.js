// Connects to each URL it is given; writes a line for each: "plain", "encrypted", or what went wrong.
const { Client } = require('pg');

async function connect(url) {
  const client = new Client(url);
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query('SELECT $1::int AS n', [42]);
    if (rows[0].n !== 42) {
      return 'a wrong answer';
    }
    return client.connection.stream.encrypted ? 'encrypted' : 'plain';
  } catch (e) {
    return String(e).replace(/\s+/g, ' ');
  } finally {
    await client.end().catch(() => {});
  }
}

(async () => {
  for (const url of process.argv.slice(2)) {
    console.log(await connect(url));
  }
})();
