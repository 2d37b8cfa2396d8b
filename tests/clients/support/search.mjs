// A search service in SearXNG's form that finds the same two pages whatever is asked, and has one page of its own to be fetched.
import http from 'node:http';

/** Starts the service. With `status` it refuses every search instead. */
export async function startSearch({ status = 200 } = {}) {
  const queries = [];
  const server = http.createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://search');
    if (pathname === '/page') {
      response.writeHead(200, { 'content-type': 'text/plain' });
      response.end('The page itself.');
      return;
    }

    const query = searchParams.get('q') ?? '';
    queries.push(query);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({
      results: [
        { title: 'The nine gates', url: 'https://gates.example/nine', content: `Aleppo has nine gates. (${query})` },
        { title: 'Walls', url: 'https://walls.example/', content: 'Old walls.' },
      ],
    }));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  return {
    url,
    queries,
    /** Options of a gateway that searches here. */
    options: ['--set', 'web_search.provider=searxng', '--set', `web_search.url=${url}`],
    /** Further ones, with which it may fetch the page. */
    fetching: ['--set', 'web_fetch.allow_private=127.0.0.1', '--set', `web_fetch.ports=${server.address().port}`, '--set', 'web_fetch.robots=false'],
    page: `${url}/page`,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
