//! Kubeconfigs as companies write them: a proxy beside the API server, and programs by which one signs in.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    process::Command,
    sync::mpsc::{Receiver, channel},
};

use crate::sandbox::{Output, Sandbox, run};

/// A server that reports the first line of each request.
pub struct Answers {
    pub port: u16,
    requests: Receiver<String>,
}

/// Denies every request.
fn denies() -> Answers {
    answers(|_| "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".into())
}

/// Answers each request by its number, from 0.
pub fn answers(answer: impl Fn(usize) -> String + Send + 'static) -> Answers {
    let listener = TcpListener::bind("0.0.0.0:0").unwrap();
    let (port, (sender, requests)) = (listener.local_addr().unwrap().port(), channel());
    std::thread::spawn(move || {
        for (number, connection) in listener.incoming().enumerate() {
            let mut connection = connection.unwrap();
            let mut lines = BufReader::new(connection.try_clone().unwrap()).lines();
            let Some(Ok(line)) = lines.next() else { continue };
            lines.by_ref().map_while(Result::ok).take_while(|line| !line.is_empty()).for_each(drop);
            let _ = sender.send(line);
            let _ = connection.write_all(answer(number).as_bytes());
        }
    });
    Answers { port, requests }
}

/// An answer in JSON.
pub fn json(status: &str, body: &str) -> String {
    let head = "Content-Type: application/json\r\nConnection: close";
    format!("HTTP/1.1 {status}\r\n{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

/// A kubeconfig of this server, whose user has these lines.
pub fn kubeconfig(sandbox: &Sandbox, server: &str, user: &str) -> String {
    let text = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: c\nclusters: [{{name: c, cluster: {{server: \"{server}\"}}}}]\ncontexts: [{{name: c, context: {{cluster: c, user: u}}}}]\nusers:\n- name: u\n  user: {user}\n"
    );
    sandbox.write_file("kubeconfig", &text).to_str().unwrap().to_owned()
}

fn status(sandbox: &Sandbox, kubeconfig: &str, environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(crate::sandbox::BINARY);
    command.current_dir(sandbox.folder.path()).env_clear().env("PATH", std::env::var_os("PATH").unwrap());
    command.args(["status", "--kubeconfig", kubeconfig]).envs(environment.iter().copied());
    run(&mut command, "")
}

/// 0.0.0.0 is this machine, and no loopback address: kubectl sends none of those to a proxy.
#[tokio::test(flavor = "multi_thread")]
async fn no_proxy_is_judged_against_the_api_server() {
    let sandbox = Sandbox::new().await;
    let (server, proxy) = (denies(), denies());
    let kubeconfig = kubeconfig(&sandbox, &format!("http://0.0.0.0:{}", server.port), "{}");
    let proxy_url = format!("127.0.0.1:{}", proxy.port);
    for (no_proxy, is_direct) in
        [("0.0.0.0", true), ("localhost, 0.0.0.0/8,", true), ("*", true), ("127.0.0.0/8", false), ("", false)]
    {
        let environment = [("HTTP_PROXY", &*proxy_url), ("NO_PROXY", no_proxy)];
        let output = status(&sandbox, &kubeconfig, &environment);
        assert_eq!(output.code, 2, "{output:#?}");
        let (asked, other) = if is_direct { (&server, &proxy) } else { (&proxy, &server) };
        assert!(asked.requests.try_recv().is_ok(), "{no_proxy:?}: {output:#?}");
        assert!(other.requests.try_recv().is_err(), "{no_proxy:?}: {output:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_does_not_sign_in_is_named_with_its_words_and_its_hint() {
    let sandbox = Sandbox::new().await;
    let exec = |rest: &str| {
        let exec = "apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never";
        let kubeconfig = kubeconfig(&sandbox, "http://127.0.0.1:1", &format!("{{exec: {{{exec}, {rest}}}}}"));
        let output = status(&sandbox, &kubeconfig, &[]);
        assert_eq!(output.stderr.lines().count(), 1, "{output:#?}");
        output
    };
    let missing = exec("command: aws-that-is-not-there, installHint: install the AWS CLI");
    missing.assert_failed(
        "the program aws-that-is-not-there, by which the kubeconfig signs in, cannot be started",
    );
    missing.assert_failed("Its hint: install the AWS CLI");
    let failing = exec("command: sh, args: [-c, 'echo run aws sso login >&2; exit 255']");
    failing.assert_failed(
        "the program sh, by which the kubeconfig signs in, failed with exit status: 255: run aws",
    );
    exec("command: echo, args: [token]").assert_failed("printed no ExecCredential");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_beside_the_kubeconfig_gets_the_cluster_and_its_token_is_sent() {
    let sandbox = Sandbox::new().await;
    let script = "#!/bin/sh\ncase $KUBERNETES_EXEC_INFO in *\"\\\"server\\\":\\\"http://\"*) ;; *) exit 1;; esac\necho '{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":{\"token\":\"t\"}}'\n";
    let plugin = sandbox.write_file("plugin.sh", script);
    std::fs::set_permissions(&plugin, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let server = denies();
    let exec = "{exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, provideClusterInfo: true, command: ./plugin.sh}}";
    let kubeconfig = kubeconfig(&sandbox, &format!("http://127.0.0.1:{}", server.port), exec);
    let output = status(&sandbox, &kubeconfig, &[]);
    assert!(server.requests.try_recv().is_ok_and(|line| line.starts_with("GET /apis/")), "{output:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn status_waits_where_the_api_server_asks_to_wait() {
    let sandbox = Sandbox::new().await;
    let server = answers(|number| {
        let (status, body) = if number == 0 {
            let status = r#"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"storage is (re)initializing","reason":"TooManyRequests","code":429}"#;
            ("429 Too Many Requests", status)
        } else {
            let list = r#"{"kind":"UserPoolMfaConfigList","apiVersion":"cognito.mfaoperator.dev/v1alpha1","metadata":{},"items":[]}"#;
            ("200 OK", list)
        };
        json(status, body)
    });
    let kubeconfig = kubeconfig(&sandbox, &format!("http://127.0.0.1:{}", server.port), "{}");
    let output = status(&sandbox, &kubeconfig, &[]);
    assert_eq!(output.code, 0, "{output:#?}");
    assert!(output.stderr.contains("the API server asks to wait"), "{output:#?}");
    assert!(output.stderr.contains("There are no UserPoolMfaConfig objects"), "{output:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_does_not_answer_is_reported_with_what_to_do() {
    let sandbox = Sandbox::new().await;
    let at = |server: &str| kubeconfig(&sandbox, server, "{}");
    let unreachable = status(&sandbox, &at("http://127.0.0.1:1"), &[]);
    unreachable.assert_failed("Connection refused (os error 111); check the server of the kubeconfig");
    let failure = r#"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"etcd is late","code":500}"#;
    let server = answers(move |_| json("500 Internal Server Error", failure));
    let failing = status(&sandbox, &at(&format!("http://127.0.0.1:{}", server.port)), &[]);
    failing.assert_failed("answered 500: etcd is late; try again later");
    let mistyped = status(&sandbox, &at("http://192.0.2.7"), &[("HTTP_PROXY", "http://exa mple")]);
    mistyped.assert_failed("write it like http://10.0.0.1:3128");
}
