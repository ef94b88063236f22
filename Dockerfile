# The app for a server: `docker build -t recsys .`, then `docker run -p 8501:8501 recsys`. See docs/deploy.md.
FROM python:3.13.9-slim-trixie

# requirements-app.txt shows everything; requirements.txt trains, too, and is some gigabytes larger.
ARG REQUIREMENTS=requirements-app.txt
# What iALS is trained with needs it; a slim system lacks it.
ARG PACKAGES=libgomp1
# hadolint ignore=DL3008 # Debian keeps only the newest build of a version: a pin would not install next month
RUN apt-get update \
    && apt-get install --no-install-recommends -y ${PACKAGES} \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 1000 recsys

WORKDIR /app
COPY requirements.txt requirements-app.txt requirements-train.txt ./
RUN pip install --no-cache-dir --disable-pip-version-check -r ${REQUIREMENTS}
COPY LICENSE DATA-NOTICE.md app.py ./
COPY .streamlit .streamlit
COPY --chown=1000 artifacts artifacts
COPY pages pages
COPY recsys recsys
# All that is written into, with artifacts/; the rest belongs to root.
RUN mkdir data runs && chown 1000 data runs

USER 1000
ENV PYTHONUNBUFFERED=1 \
    RECSYS_PUBLIC=1 \
    STREAMLIT_SERVER_ADDRESS=0.0.0.0 \
    STREAMLIT_SERVER_BASE_URL_PATH="" \
    STREAMLIT_SERVER_HEADLESS=true \
    STREAMLIT_SERVER_PORT=8501
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["python", "-c", \
    "import os, urllib.request as web; web.urlopen(os.path.join('http://127.0.0.1:8501', os.environ['STREAMLIT_SERVER_BASE_URL_PATH'].strip('/'), '_stcore/health'), timeout=4)"]
CMD ["python", "-m", "streamlit", "run", "app.py"]
