# One image for every process of ours: web, worker, beat and the migrations.
FROM python:3.11-slim AS packages
RUN pip install --no-cache-dir uv==0.13.9
COPY requirements.txt .
RUN python -m venv /venv && uv pip install --no-cache --python /venv/bin/python -r requirements.txt

FROM python:3.11-slim
RUN useradd --system --no-create-home --shell /usr/sbin/nologin decroche \
    && install -d -o decroche /data/media
COPY --from=packages /venv /venv
WORKDIR /app
COPY . .
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 STATIC_ROOT=/app/staticfiles MEDIA_ROOT=/data/media
# The settings want their variables even here; nothing of these words stays in the image.
RUN SECRET_KEY=build OPPOSITION_KEY=build DATABASE_URL=postgresql://build/build REDIS_URL=redis://build \
    python manage.py collectstatic --no-input
USER decroche
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", "--blocking-threads", "2", "config.wsgi:application"]
