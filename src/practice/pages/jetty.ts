import type { Answer } from '../answer.ts';
import { escaped } from './escaped.ts';

/** The servlet container's own error page, byte for byte (topic 01, exchanges 03 and 23). */
export function jettyPage(status: number, message: string, path: string): Answer {
  const shown = escaped(message);
  const body = `<html>
<head>
<meta http-equiv="Content-Type" content="text/html;charset=ISO-8859-1"/>
<title>Error ${status} ${shown}</title>
</head>
<body><h2>HTTP ERROR ${status} ${shown}</h2>
<table>
<tr><th>URI:</th><td>${escaped(path)}</td></tr>
<tr><th>STATUS:</th><td>${status}</td></tr>
<tr><th>MESSAGE:</th><td>${shown}</td></tr>
<tr><th>SERVLET:</th><td>Stapler</td></tr>
</table>
<hr/><a href="https://jetty.org/">Powered by Jetty:// 12.1.8</a><hr/>

</body>
</html>
`;
  return {
    status,
    headers: {
      'Cache-Control': 'must-revalidate,no-cache,no-store',
      'Content-Type': 'text/html;charset=iso-8859-1',
    },
    body,
  };
}

export function unauthorized(path: string): Answer {
  const page = jettyPage(401, 'Unauthorized', path);
  return {
    ...page,
    headers: {
      'Set-Cookie': 'remember-me=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; SameSite=Lax',
      'WWW-Authenticate': 'Basic realm="Jenkins", charset="UTF-8"',
      ...page.headers,
    },
  };
}

export function noCrumb(path: string): Answer {
  return jettyPage(403, 'No valid crumb was included in the request', path);
}
