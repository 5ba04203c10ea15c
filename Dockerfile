# One image for every Airflow component: the locked libraries, checked by hash, and Lastro; run as a user without rights.
FROM python:3.11.14-slim-bookworm

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1

RUN useradd --uid 10001 --create-home --shell /usr/sbin/nologin lastro \
    && install -d -o lastro -g lastro -m 0700 /var/lib/lastro /opt/airflow /opt/airflow/logs

WORKDIR /opt/lastro

# the libraries change seldom, the code often: two layers
COPY requirements.lock ./
RUN pip install --require-hashes -r requirements.lock

COPY . .
RUN pip install --no-deps --editable .

USER lastro
ENV AIRFLOW_HOME=/opt/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/lastro/dags \
    LASTRO_HOME=/var/lib/lastro

ENTRYPOINT ["airflow"]
CMD ["version"]
